// A prompt that is run chunk by chunk behind what its conversation already holds of it.
import type { ConversationCache } from './conversation-cache.ts'
import type { KvCache } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'

/** Reads tokens behind a cache; gives [V] logits after the last where the prompt ends there. */
export type ReadTokens = (
  tokens: readonly PromptToken[],
  cache: KvCache,
  isEnd: boolean,
) => Promise<Float32Array | null>

/** The part of a prompt that is still to be run. */
export class PromptRun {
  /** Tokens from the prompt's start that need not be run. */
  readonly reusedTokens: number
  readonly #cache: KvCache
  readonly #unread: readonly PromptToken[]
  readonly #read: ReadTokens
  #done = 0

  /** Cuts the conversation to what it shares with the prompt, and tells it what will follow. */
  constructor(prompt: readonly PromptToken[], conversation: ConversationCache, read: ReadTokens) {
    this.reusedTokens = conversation.reusePrefix(prompt)
    this.#cache = conversation.cache
    this.#unread = prompt.slice(this.reusedTokens)
    this.#read = read
    conversation.noteRead(this.#unread)
  }

  /**
   * Runs the next tokens.
   * @param most at least 1
   * @returns [V] logits after the prompt's last token, null before that
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED; the chunk may be tried again
   */
  async runChunk(most: number): Promise<Float32Array | null> {
    if (this.#done === 0) this.#cache.reserve(this.#cache.length + this.#unread.length)
    const chunk = this.#unread.slice(this.#done, this.#done + most)
    const isEnd = this.#done + chunk.length === this.#unread.length
    const logits = await this.#read(chunk, this.#cache, isEnd)
    this.#done += chunk.length
    return isEnd ? logits : null
  }
}
