// How likely given answers are, from the decoder's logits: the probability of each of their tokens after all before it.
import type { KvCache } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'
import type { PromptMessage } from './prompt.ts'

/** An answer, or the beginning of one, with its likelihood. */
export interface ScoredContinuation {
  readonly text: string
  /** Its tokens; two spellings that the tokenizer does not tell apart have the same. */
  readonly tokenIds: readonly number[]
  /**
   * Natural logarithm of the probability that the answer begins with these tokens; 0 for no token. Below the scoring's
   * leastLogProbability it is the beginning's that was followed, which the whole cannot exceed.
   */
  readonly logProbability: number
}

/** A question of which answers' likelihoods are wanted. */
export interface ScoringRequest {
  readonly messages: readonly PromptMessage[]
  readonly continuations: readonly string[]
  /** Beginnings that are less likely are not followed; natural logarithm, -Infinity to follow all. */
  readonly leastLogProbability: number
}

/** A question of which answers' likelihoods are wanted, read. */
export interface Scoring {
  readonly prompt: readonly PromptToken[]
  readonly continuations: readonly { readonly text: string; readonly ids: readonly number[] }[]
  readonly leastLogProbability: number
}

/** How far answers are followed. */
export interface ScoringOptions {
  /** As in ScoringRequest. */
  readonly leastLogProbability: number
  readonly signal?: AbortSignal | undefined
}

/** The part of the decoder that is needed here. */
export interface StepDecoder {
  /** Runs one new token behind the cache; returns [V] logits of what comes next. */
  decodeStep(id: number, cache: KvCache): Promise<Float32Array>
}

/**
 * Scores token sequences behind a prompt.
 * @param continuations token ids of each
 * @param logits [V] after the prompt
 * @param cache holds the prompt, and again no more than that afterwards
 * @returns in the order of the continuations; null when aborted between steps
 * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function scoreContinuations(
  continuations: readonly (readonly number[])[],
  logits: Float32Array,
  decoder: StepDecoder,
  cache: KvCache,
  { leastLogProbability, signal }: ScoringOptions,
): Promise<Omit<ScoredContinuation, 'text'>[] | null> {
  const promptLength = cache.length
  const first = logProbabilities(logits)
  const scores: Omit<ScoredContinuation, 'text'>[] = []
  try {
    for (const tokenIds of continuations) {
      cache.truncate(promptLength)
      let next = first
      let logProbability = 0
      for (const [place, id] of tokenIds.entries()) {
        if (signal?.aborted) return null
        logProbability += next(id)
        // More tokens only make it less likely: a beginning that counts for nothing is worth no step of the decoder.
        if (logProbability < leastLogProbability) break
        if (place + 1 < tokenIds.length) next = logProbabilities(await decoder.decodeStep(id, cache))
      }
      scores.push({ tokenIds, logProbability })
    }
    return scores
  } finally {
    cache.truncate(promptLength)
  }
}

/**
 * Natural logarithm of softmax(logits), summed over the vocabulary once for all ids that are asked for.
 * @param logits [V]
 */
export function logProbabilities(logits: Float32Array): (id: number) => number {
  // The largest is taken out before the exponential, which would overflow.
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0)
  const normaliser = largest + Math.log(sum)
  return (id) => logits[id]! - normaliser
}
