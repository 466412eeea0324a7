// A thread as text on the disk, and back. What another version wrote, or what is damaged, is told apart from a thread.
import { THREAD_VERSION, type Thread } from '../conversation/thread.ts'

/** A thread that was read, or why it could not be. The reason holds nothing that people wrote. */
export type ReadThread = { readonly thread: Thread } | { readonly thread: null; readonly reason: string }

/** Writes a thread as JSON; it carries its version. */
export function writeStoredThread(thread: Thread): string {
  return JSON.stringify(thread)
}

/** Reads what writeStoredThread wrote; never throws. */
export function readStoredThread(text: string, threadId: string): ReadThread {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { thread: null, reason: 'it is not JSON' }
  }
  if (!isRecord(json)) return { thread: null, reason: 'it is not an object' }
  if (json.version !== THREAD_VERSION) {
    return { thread: null, reason: `it has version ${Number(json.version)}; ${THREAD_VERSION} is known` }
  }
  if (json.id !== threadId) return { thread: null, reason: 'it is another thread' }
  if (!isThread(json)) return { thread: null, reason: 'it lacks parts of a thread' }
  return { thread: json }
}

function isThread(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & Thread {
  const { channelId, clips, clipCount, turns } = value
  if (typeof channelId !== 'string' || !Number.isSafeInteger(clipCount)) return false
  return Array.isArray(clips) && clips.every(isClip) && Array.isArray(turns) && turns.every(isTurn)
}

function isClip(clip: unknown): boolean {
  if (!isRecord(clip)) return false
  return [clip.id, clip.platform, clip.handle].every((part) => typeof part === 'string')
}

/** Questions and answers alternate, a question first. */
function isTurn(turn: unknown, index: number): boolean {
  if (!isRecord(turn) || turn.role !== (index % 2 === 0 ? 'user' : 'assistant')) return false
  if (typeof turn.text !== 'string' || !Array.isArray(turn.clipIds)) return false
  return turn.clipIds.every((id) => typeof id === 'string')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
