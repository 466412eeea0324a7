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

  /** @param tokens of the rows that the cache holds already */
  constructor(cache: KvCache, tokens: readonly CachedToken[] = []) {
    this.cache = cache
    this.#tokens = [...tokens]
  }

  /** The tokens whose rows are in the cache. */
  get tokens(): readonly CachedToken[] {
    return this.#tokens.slice(0, this.cache.length)
  }

  /** How many tokens from the prompt's start need not be run; changes nothing. */
  sharedWith(prompt: readonly PromptToken[]): number {
    const most = Math.min(this.cache.length, this.#tokens.length, prompt.length - 1)
    let shared = 0
    while (shared < most && isSame(this.#tokens[shared]!, cachedToken(prompt[shared]!))) shared++
    return shared
  }

  /** Takes over the first tokens of another conversation with their rows. */
  adopt(other: ConversationCache, tokens: number): void {
    this.cache.copyFrom(other.cache, tokens)
    this.#tokens = other.#tokens.slice(0, tokens)
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
    return shared
  }

  /** Notes tokens that are about to be run, behind those known. */
  note(tokens: readonly PromptToken[]): void {
    for (const token of tokens) this.#tokens.push(cachedToken(token))
  }
}

function cachedToken({ id, visual }: PromptToken): CachedToken {
  return { id, clipKey: visual?.clip.key ?? null, row: visual?.row ?? 0 }
}

function isSame(a: CachedToken, b: CachedToken): boolean {
  return a.id === b.id && a.clipKey === b.clipKey && a.row === b.row
}
