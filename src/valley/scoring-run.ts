// A scoring of given answers on its way: the prompt in chunks, then the answers' own tokens.
import type { ConversationCache } from './conversation-cache.ts'
import type { Decoder } from './decoder.ts'
import type { PromptReader } from './prompt-reader.ts'
import { PromptRun, type ReadTokens } from './prompt-run.ts'
import { type ScoredContinuation, type Scoring, scoreContinuations } from './score-continuations.ts'

/** A scoring between its first step and its last. Nothing is drawn, so its outcome is the same each time. */
export class ScoringRun {
  readonly #scoring: Scoring
  readonly #conversation: ConversationCache
  readonly #decoder: Decoder
  readonly #promptRun: PromptRun
  #scores: readonly ScoredContinuation[] | null = null

  /** @param conversation is brought up to date; afterwards it holds the prompt and no answer */
  constructor(scoring: Scoring, conversation: ConversationCache, decoder: Decoder, reader: PromptReader) {
    this.#scoring = scoring
    this.#conversation = conversation
    this.#decoder = decoder
    const read: ReadTokens = (tokens, cache, isEnd) => reader.read(tokens, cache, isEnd)
    this.#promptRun = new PromptRun(scoring.prompt, conversation, read)
  }

  /** How likely each answer is, in their order; null before the last step and when aborted. */
  get scores(): readonly ScoredContinuation[] | null {
    return this.#scores
  }

  /**
   * Goes on by a chunk of the prompt, or with its last chunk to the end.
   * @returns true after the last step, or when aborted
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async step(chunkTokens: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return true
    const logits = await this.#promptRun.runChunk(chunkTokens) // [V]
    if (logits === null) return false
    const { continuations, leastLogProbability } = this.#scoring
    const ids = continuations.map((one) => one.ids)
    const { cache } = this.#conversation
    const scores = await scoreContinuations(ids, logits, this.#decoder, cache, { leastLogProbability, signal })
    this.#scores = scores?.map((score, index) => ({ text: continuations[index]!.text, ...score })) ?? null
    return true
  }
}
