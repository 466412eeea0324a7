// Threads that outlive the process: plain JSON in Keyv, so that another store can stand behind it.
import { Keyv, type KeyvStoreAdapter } from 'keyv'
import type { Thread } from '../conversation/thread.ts'
import type { ThreadStore } from '../conversation/thread-store.ts'
import type { Logger } from '../logger.ts'
import { readStoredThread, writeStoredThread } from './stored-thread.ts'

/** What a durable store works with. */
export interface DurableThreadStoreOptions {
  /** Bounds how many threads there are, and renews a thread's time when it is read. */
  readonly store: KeyvStoreAdapter
  /** A thread unused for so long is forgotten. */
  readonly idleMs: number
  readonly logger: Logger
}

const NAMESPACE = 'threads'

/** Threads in a Keyv store. When save() has returned, the thread is kept. */
export class DurableThreadStore implements ThreadStore {
  readonly #keyv: Keyv<string>
  readonly #logger: Logger

  constructor({ store, idleMs, logger }: DurableThreadStoreOptions) {
    this.#logger = logger
    this.#keyv = new Keyv<string>({
      store,
      namespace: NAMESPACE,
      ttl: idleMs,
      // The adapter keeps the time to live; the value is text already.
      serialize: ({ value }) => String(value),
      deserialize: <Value>(text: string) => ({ value: text as Value }),
      throwOnErrors: true,
      emitErrors: false,
    })
  }

  async load(threadId: string): Promise<Thread | null> {
    const text = await this.#keyv.get(threadId)
    if (text === undefined) return null
    const read = readStoredThread(text, threadId)
    if (read.thread === null) {
      this.#logger.warn({ thread: threadId, reason: read.reason }, 'stored thread cannot be read; it begins anew')
    }
    return read.thread
  }

  async save(thread: Thread): Promise<void> {
    await this.#keyv.set(thread.id, writeStoredThread(thread))
  }

  async delete(threadId: string): Promise<void> {
    await this.#keyv.delete(threadId)
  }
}
