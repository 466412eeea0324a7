// A thread as a value, and the changes it can go through. All pure: a change makes a new thread, so a question that fails
// is undone by not keeping its result.
import { assert } from '../assert.ts'
import type { ClipReference, IncomingClip } from './clip.ts'

/** Version of the stored form; a store that finds another number treats the thread as never saved. */
export const THREAD_VERSION = 1

/** Clips a thread remembers at most; the oldest goes. Bounds what one thread can hold in memory. */
export const MAX_CLIPS_KEPT = 50

/** One question (user) or one answer (assistant). */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** Clips that this question is about, in order; empty for answers. */
  readonly clipIds: readonly string[]
  /** Names a question for follow-ups; absent for answers, and in threads that were stored before questions had names. */
  readonly questionId?: string
}

/** One conversation: turns alternate and begin with a question. Plain data, the same after a trip through JSON. */
export interface Thread {
  readonly version: typeof THREAD_VERSION
  readonly id: string
  /** The place whose members saw its clips. */
  readonly channelId: string
  /** Clips that were brought, oldest first. */
  readonly clips: readonly ClipReference[]
  /** Clips ever brought, so that no clip id is given twice. */
  readonly clipCount: number
  readonly turns: readonly Turn[]
}

/** A thread in which nothing was said. */
export function newThread(id: string, channelId: string): Thread {
  return { version: THREAD_VERSION, id, channelId, clips: [], clipCount: 0, turns: [] }
}

/**
 * Adds clips; one that the thread holds already, known by its handle, stays as it is.
 * @returns the new thread, and the ids of all clips given, in order, each once
 */
export function addClips(thread: Thread, clips: readonly IncomingClip[]): { thread: Thread; clipIds: string[] } {
  const known = [...thread.clips]
  let { clipCount } = thread
  const clipIds = clips.map((clip) => {
    const held = known.find(({ platform, handle }) => platform === clip.platform && handle === clip.handle)
    if (held !== undefined) return held.id
    clipCount += 1
    const id = `clip-${clipCount}`
    known.push({ ...clip, id })
    return id
  })
  return { thread: { ...thread, clips: known.slice(-MAX_CLIPS_KEPT), clipCount }, clipIds: [...new Set(clipIds)] }
}

/** Adds a question about clips of the thread. @param questionId names it for follow-ups */
export function addQuestion(thread: Thread, text: string, clipIds: readonly string[], questionId?: string): Thread {
  assert(thread.turns.at(-1)?.role !== 'user', 'a question follows an answer')
  assert(
    clipIds.every((id) => thread.clips.some((clip) => clip.id === id)),
    'a question is about clips of its thread',
  )
  const turn: Turn = { role: 'user', text, clipIds, ...(questionId === undefined ? {} : { questionId }) }
  return { ...thread, turns: [...thread.turns, turn] }
}

/** Adds the answer to the last question. */
export function addAnswer(thread: Thread, text: string): Thread {
  assert(thread.turns.at(-1)?.role === 'user', 'an answer follows a question')
  return { ...thread, turns: [...thread.turns, { role: 'assistant', text, clipIds: [] }] }
}

/** Drops the oldest question with its answer to make room. @returns null when only the question being asked is left */
export function dropOldestTurns(thread: Thread): Thread | null {
  return thread.turns.length < 3 ? null : { ...thread, turns: thread.turns.slice(2) }
}

/** Lets a clip go; turns that were about it stay as words. */
export function dropClip(thread: Thread, clipId: string): Thread {
  return { ...thread, clips: thread.clips.filter(({ id }) => id !== clipId) }
}

/** Takes the last question with its answer back. @returns null when nothing was asked */
export function takeBackLastQuestion(thread: Thread): { thread: Thread; question: Turn } | null {
  const at = thread.turns.findLastIndex(({ role }) => role === 'user')
  return at < 0 ? null : { thread: { ...thread, turns: thread.turns.slice(0, at) }, question: thread.turns[at]! }
}

/** The question of a name, or the last one without a name. @returns null when it is not there (any more) */
export function findQuestion({ turns }: Thread, questionId?: string): Turn | null {
  const isMeant = (turn: Turn) => turn.role === 'user' && (questionId === undefined || turn.questionId === questionId)
  return turns.findLast(isMeant) ?? null
}

/** The answer to the question of a name. @returns null when it was not answered, or is not there any more */
export function findAnswer({ turns }: Thread, questionId: string): Turn | null {
  const at = turns.findLastIndex((turn) => turn.role === 'user' && turn.questionId === questionId)
  return at < 0 ? null : (turns[at + 1] ?? null)
}

/** Forgets what was said and keeps the clips. */
export function forgetTurns(thread: Thread): Thread {
  return { ...thread, turns: [] }
}

/** What the last question was about, as far as the thread still holds it; its last clip when nothing was asked. */
export function currentClipIds(thread: Thread): readonly string[] {
  const held = new Set(thread.clips.map(({ id }) => id))
  const last = thread.turns.findLast(({ role }) => role === 'user')?.clipIds.filter((id) => held.has(id)) ?? []
  return last.length > 0 ? last : thread.clips.slice(-1).map(({ id }) => id)
}
