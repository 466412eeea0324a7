// Where threads are kept between questions. The memory version serves one process and forgets at its end; durable ones
// implement the same port.
import type { Thread } from './thread.ts'

/** Keeps threads by id. */
export interface ThreadStore {
  /** @returns null for a thread that was never saved, was deleted, or has expired */
  load(threadId: string): Promise<Thread | null>
  save(thread: Thread): Promise<void>
  delete(threadId: string): Promise<void>
}

/** Bounds of the memory store. */
export interface MemoryThreadStoreOptions {
  /** Threads kept at once; the one unused for longest goes first. Default 1000. */
  readonly maxThreads?: number
  /** A thread unused for so long is forgotten. Default 24 hours. */
  readonly idleMs?: number
  /** The clock, milliseconds. */
  readonly now?: () => number
}

const DEFAULT_MAX_THREADS = 1000
const DEFAULT_IDLE_MS = 24 * 60 * 60 * 1000

/** Threads in memory, bounded in number and age. */
export class MemoryThreadStore implements ThreadStore {
  readonly #maxThreads: number
  readonly #idleMs: number
  readonly #now: () => number
  /** In order of use, the longest unused first: a Map keeps insertion order. */
  readonly #entries = new Map<string, { thread: Thread; usedAtMs: number }>()

  constructor({ maxThreads, idleMs, now }: MemoryThreadStoreOptions = {}) {
    this.#maxThreads = maxThreads ?? DEFAULT_MAX_THREADS
    this.#idleMs = idleMs ?? DEFAULT_IDLE_MS
    this.#now = now ?? Date.now
  }

  /** Threads held now. */
  get size(): number {
    this.#expire()
    return this.#entries.size
  }

  async load(threadId: string): Promise<Thread | null> {
    this.#expire()
    const entry = this.#entries.get(threadId)
    if (entry === undefined) return null
    this.#put(entry.thread)
    return entry.thread
  }

  async save(thread: Thread): Promise<void> {
    this.#put(thread)
    this.#expire()
    for (const threadId of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxThreads) break
      this.#entries.delete(threadId)
    }
  }

  async delete(threadId: string): Promise<void> {
    this.#entries.delete(threadId)
  }

  #put(thread: Thread): void {
    this.#entries.delete(thread.id)
    this.#entries.set(thread.id, { thread, usedAtMs: this.#now() })
  }

  #expire(): void {
    const oldestMs = this.#now() - this.#idleMs
    for (const [threadId, { usedAtMs }] of this.#entries) {
      if (usedAtMs > oldestMs) break
      this.#entries.delete(threadId)
    }
  }
}
