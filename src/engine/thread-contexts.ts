// The conversations that the worker remembers, by thread: the least recently used go to the disk first, where there is room
// for them, and are forgotten otherwise. Losing one costs time, never an answer: the next turn prefills its whole prompt.
import type { ConversationCache } from '../valley/conversation-cache.ts'
import type { PromptToken } from '../valley/placeholders.ts'
import type { ParkedConversations } from './parked-conversations.ts'

/** Bounds of what is kept in memory. */
export interface ThreadContextLimits {
  readonly maxConversations: number
  /** Counted after each answer; the thread that was just used stays even when it alone is larger. */
  readonly maxConversationBytes: number
}

/** Conversation caches by thread id. */
export class ThreadContexts {
  readonly #limits: ThreadContextLimits
  readonly #create: () => ConversationCache
  readonly #parked: ParkedConversations | null
  /** In order of use, the latest last. */
  readonly #kept = new Map<string, ConversationCache>()
  /** Those that an answer is using, with the bytes that they will have at its end. */
  readonly #busy = new Map<ConversationCache, number>()
  /** A conversation on its way to the disk is not yet there to be read: one thing after the other. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param parked null to forget what memory has no room for */
  constructor(limits: ThreadContextLimits, create: () => ConversationCache, parked: ParkedConversations | null = null) {
    this.#limits = limits
    this.#create = create
    this.#parked = parked
  }

  /** Threads remembered in memory. */
  get size(): number {
    return this.#kept.size
  }

  /** Memory in use, or soon to be, bytes. */
  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, one) => sum + Math.max(one.cache.bytes, this.#busy.get(one) ?? 0), 0)
  }

  /**
   * The thread's conversation, begun when there is none; counts as its latest use, and stays until it is released. Where
   * another thread has run more of the prompt (the same words about the same clip), what it ran is taken over.
   * @param bytes that it will have when the use ends; others make room for them now, not only when they are taken
   */
  use(threadId: string, prompt: readonly PromptToken[] = [], bytes = 0): Promise<ConversationCache> {
    return this.#inTurn(() => this.#use(threadId, prompt, bytes))
  }

  /** Ends a use: the conversation may now go to the disk or be forgotten, when there is no room for it. */
  release(conversation: ConversationCache): Promise<void> {
    this.#busy.delete(conversation)
    return this.#inTurn(() => this.#trim())
  }

  /** Lets all conversations go to the disk, or be forgotten, that no answer is using. */
  shed(): Promise<void> {
    return this.#inTurn(() => this.#letGo(() => true))
  }

  /** Forgets one thread. */
  forget(threadId: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#kept.delete(threadId)
      await this.#parked?.forget(threadId)
    })
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run)
    this.#last = result.catch(() => null)
    return result
  }

  async #use(threadId: string, prompt: readonly PromptToken[], bytes: number): Promise<ConversationCache> {
    const known = this.#kept.get(threadId) ?? (await this.#parked?.take(threadId))
    const conversation = known ?? this.#create()
    this.#kept.delete(threadId)
    this.#kept.set(threadId, conversation)
    this.#busy.set(conversation, bytes)
    this.#adoptLonger(conversation, prompt)
    await this.#trim()
    return conversation
  }

  #adoptLonger(conversation: ConversationCache, prompt: readonly PromptToken[]): void {
    let longest = conversation.sharedWith(prompt)
    let best: ConversationCache | null = null
    for (const other of this.#kept.values()) {
      const shared = other.sharedWith(prompt)
      if (shared <= longest) continue
      longest = shared
      best = other
    }
    if (best !== null) conversation.adopt(best, longest)
  }

  /** Lets the least recently used threads go until the bounds hold; the latest stays. */
  #trim(): Promise<void> {
    const { maxConversations, maxConversationBytes } = this.#limits
    return this.#letGo(
      () => this.#kept.size > 1 && (this.#kept.size > maxConversations || this.bytes > maxConversationBytes),
    )
  }

  /** One after the other, the least recently used first. @param isTooMuch asked before each */
  async #letGo(isTooMuch: () => boolean): Promise<void> {
    for (const [threadId, conversation] of [...this.#kept]) {
      if (!isTooMuch()) return
      if (this.#busy.has(conversation)) continue
      this.#kept.delete(threadId)
      await this.#parked?.park(threadId, conversation)
    }
  }
}
