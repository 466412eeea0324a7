// What the model remembers of one conversation: a KV cache and the tokens whose rows it holds. The next prompt keeps the
// part it shares with them, so that a follow-up costs only its own words; history is never run again from its text.
import type { KvCache } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'

/** A token whose row is in the cache; a placeholder is known by the visual token that replaced it. */
export interface CachedToken {
  readonly id: number
  readonly clipKey: string | null
  readonly row: number
}

/** The KV cache of one conversation together with the tokens in it. */
export class ConversationCache {
  readonly cache: KvCache
  /** In the order of the cache's rows; after a failed run there may be more than rows. */
  #tokens: CachedToken[] = []
  /** How many of them, from the first on, were read as a prompt, all but its last. */
  #readTokens = 0
  readonly #keepsSaid: boolean

  /**
   * @param keepsSaid whether rows of what an answer said serve the next prompt; otherwise only those that were read do
   */
  constructor(cache: KvCache, keepsSaid = true) {
    this.cache = cache
    this.#keepsSaid = keepsSaid
  }

  /** The tokens whose rows can serve another prompt. */
  get tokens(): readonly CachedToken[] {
    return this.#tokens.slice(0, this.#serving)
  }

  get #serving(): number {
    const kept = this.#keepsSaid ? this.#tokens.length : Math.min(this.#tokens.length, this.#readTokens)
    return Math.min(kept, this.cache.rowsAtHome)
  }

  /** Takes back tokens, all of which could serve, whose rows were written into the empty cache's memory. */
  restore(tokens: readonly CachedToken[]): void {
    this.cache.advance(tokens.length)
    this.#tokens = [...tokens]
    this.#readTokens = tokens.length
  }

  /** How many tokens from the prompt's start need not be run; changes nothing. Rows that lie on a device do not count. */
  sharedWith(prompt: readonly PromptToken[]): number {
    const most = Math.min(this.#serving, prompt.length - 1)
    let shared = 0
    while (shared < most && isSame(this.#tokens[shared]!, cachedToken(prompt[shared]!))) shared++
    return shared
  }

  /** Takes over the first tokens of another conversation with their rows. */
  adopt(other: ConversationCache, tokens: number): void {
    this.cache.copyFrom(other.cache, tokens)
    this.#tokens = other.#tokens.slice(0, tokens)
    this.#readTokens = tokens
  }

  /**
   * Cuts the cache to what it shares with a prompt. At least the prompt's last token is left to run, since its logits
   * are needed.
   * @returns tokens that need not be run, from the prompt's start
   */
  reusePrefix(prompt: readonly PromptToken[]): number {
    const shared = this.sharedWith(prompt)
    this.cache.truncate(shared)
    this.#tokens.length = shared
    this.#readTokens = shared
    return shared
  }

  /** Notes the rest of a prompt that is about to be read, behind what is known. */
  noteRead(tokens: readonly PromptToken[]): void {
    for (const token of tokens) this.#tokens.push(cachedToken(token))
    this.#readTokens = this.#tokens.length - 1 // the last one is run by the decoder
  }

  /** Notes what an answer said and what is about to be run. */
  noteSaid(tokens: readonly PromptToken[]): void {
    for (const token of tokens) this.#tokens.push(cachedToken(token))
  }
}

function cachedToken({ id, visual }: PromptToken): CachedToken {
  return { id, clipKey: visual?.clip.key ?? null, row: visual?.row ?? 0 }
}

function isSame(a: CachedToken, b: CachedToken): boolean {
  return a.id === b.id && a.clipKey === b.clipKey && a.row === b.row
}
