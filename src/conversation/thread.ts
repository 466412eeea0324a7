// A thread as a value, and the changes it can go through. All pure: a change makes a new thread, so a question that fails
// is undone by not keeping its result.
import { assert } from '../assert.ts'
import type { ClipReference } from './answerer.ts'
import type { IncomingClip } from './message.ts'

/** One question (user) or one answer (assistant). */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** Clips that this question brought, in order; empty for answers. */
  readonly clips: readonly ClipReference[]
}

/** One conversation: turns alternate and begin with a question; plain data that can be stored. */
export interface Thread {
  readonly id: string
  readonly turns: readonly Turn[]
  /** Clips ever brought, so that no clip id is given twice. */
  readonly clipCount: number
}

/** A thread in which nothing was said. */
export function newThread(id: string): Thread {
  return { id, turns: [], clipCount: 0 }
}

/** Adds a question. Without clips it is about those the thread already holds. */
export function addQuestion(thread: Thread, text: string, clips: readonly IncomingClip[]): Thread {
  assert(thread.turns.at(-1)?.role !== 'user', 'a question follows an answer')
  const references = clips.map(({ path }, index) => ({ id: `clip-${thread.clipCount + index + 1}`, path }))
  return {
    ...thread,
    turns: [...thread.turns, { role: 'user', text, clips: references }],
    clipCount: thread.clipCount + clips.length,
  }
}

/** Adds the answer to the last question. */
export function addAnswer(thread: Thread, text: string): Thread {
  assert(thread.turns.at(-1)?.role === 'user', 'an answer follows a question')
  return { ...thread, turns: [...thread.turns, { role: 'assistant', text, clips: [] }] }
}

/** The clips the thread still holds, oldest first. */
export function clipsOf(thread: Thread): readonly ClipReference[] {
  return thread.turns.flatMap((turn) => turn.clips)
}

/**
 * Drops the oldest question with its answer to make room. When that would drop the last clip, the clip moves to the next
 * question, since that is what the conversation is about.
 * @returns null when only the question being asked is left
 */
export function dropOldestTurns(thread: Thread): Thread | null {
  const [oldest, , next, ...later] = thread.turns
  if (oldest === undefined || next === undefined) return null
  const kept = [next, ...later]
  const lastClip = kept.some((turn) => turn.clips.length > 0) ? undefined : oldest.clips.at(-1)
  const turns = lastClip === undefined ? kept : [{ ...next, clips: [lastClip] }, ...later]
  return { ...thread, turns }
}
