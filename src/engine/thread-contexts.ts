// The conversations that the worker remembers, by thread: a few, the least recently used going first. Losing one costs
// time, never an answer: the next turn prefills its whole prompt.
import type { ConversationCache } from '../valley/conversation-cache.ts'

/** Bounds of what is kept. */
export interface ThreadContextLimits {
  readonly maxConversations: number
  /** Counted after each answer; the thread that was just used stays even when it alone is larger. */
  readonly maxConversationBytes: number
}

/** Conversation caches by thread id. */
export class ThreadContexts {
  readonly #limits: ThreadContextLimits
  readonly #create: () => ConversationCache
  /** In order of use, the latest last. */
  readonly #kept = new Map<string, ConversationCache>()

  constructor(limits: ThreadContextLimits, create: () => ConversationCache) {
    this.#limits = limits
    this.#create = create
  }

  /** Threads remembered. */
  get size(): number {
    return this.#kept.size
  }

  /** The thread's conversation, begun when there is none; counts as its latest use. */
  use(threadId: string): ConversationCache {
    const conversation = this.#kept.get(threadId) ?? this.#create()
    this.#kept.delete(threadId)
    this.#kept.set(threadId, conversation)
    this.trim()
    return conversation
  }

  /** Forgets one thread. */
  forget(threadId: string): void {
    this.#kept.delete(threadId)
  }

  /** Forgets the least recently used threads until the bounds hold; the latest stays. */
  trim(): void {
    let bytes = [...this.#kept.values()].reduce((sum, { cache }) => sum + cache.bytes, 0)
    for (const [threadId, { cache }] of this.#kept) {
      const within = this.#kept.size <= this.#limits.maxConversations && bytes <= this.#limits.maxConversationBytes
      if (within || this.#kept.size === 1) return
      this.#kept.delete(threadId)
      bytes -= cache.bytes
    }
  }
}
