// Logits become the next token id: the best one, or a draw after temperature and top-p.
import { AppError } from '../errors.ts'
import type { Random } from './random.ts'

/** How a token is drawn. */
export interface SamplingOptions {
  /** 0 takes the best token; above, the logits are divided by it. */
  readonly temperature: number
  /** Only the likeliest tokens whose probabilities together reach this are drawn from; (0, 1], 1 keeps all. */
  readonly topP: number
}

/**
 * Chooses the next token.
 * @param logits [V] float32, not changed
 * @param random called once when temperature is above 0, never when it is 0
 * @returns an id in [0, V); the lowest of equals
 * @throws AppError INFERENCE_FAILED when the logits hold no number to choose by
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, random: Random): number {
  const best = bestToken(logits)
  if (options.temperature === 0) return best
  const weights = logits.map((logit) => Math.exp((logit - logits[best]!) / options.temperature)) // the best is 1
  const candidates = options.topP < 1 ? nucleus(weights, options.topP) : weights.keys()
  return draw([...candidates], weights, random)
}

function bestToken(logits: Float32Array): number {
  let best = 0
  let most = logits[0] ?? Number.NaN
  if (Number.isNaN(most)) throw notNumbers(logits.length === 0 ? -1 : 0)
  for (let id = 1; id < logits.length; id++) {
    const logit = logits[id]!
    // Of what is greater and of what is no number: one comparison does for nearly all of a large vocabulary.
    if (!(logit <= most)) {
      if (Number.isNaN(logit)) throw notNumbers(id)
      best = id
      most = logit
    }
  }
  if (!Number.isFinite(most)) throw notNumbers(best)
  return best
}

/** The likeliest ids, best first, the lowest of equals before the others, until their share reaches topP. */
function nucleus(weights: Float32Array, topP: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  // All ids below this weight together hold less than 1 - topP, so none of them can be needed: sorting a few beats
  // sorting the vocabulary.
  const least = ((1 - topP) * total) / weights.length
  const ids: number[] = []
  for (let id = 0; id < weights.length; id++) if (weights[id]! >= least) ids.push(id)
  ids.sort((a, b) => weights[b]! - weights[a]! || a - b)
  let sum = 0
  const needed = ids.findIndex((id) => {
    sum += weights[id]!
    return sum >= topP * total
  })
  return needed === -1 ? ids : ids.slice(0, needed + 1)
}

function draw(ids: readonly number[], weights: Float32Array, random: Random): number {
  let rest = random() * ids.reduce((sum, id) => sum + weights[id]!, 0)
  for (const id of ids) {
    rest -= weights[id]!
    if (rest < 0) return id
  }
  return ids.findLast((id) => weights[id]! > 0)! // rounding left a crumb; the best id always has weight 1
}

function notNumbers(id: number): AppError {
  return new AppError(
    'INFERENCE_FAILED',
    `The model's output holds no usable number (at token id ${id}); expected finite logits. Check the package with "valley model verify" and try precision fp32.`,
    { details: { id } },
  )
}
