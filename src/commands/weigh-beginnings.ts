// How likely answers are that begin with some words, in groups of spellings that mean the same.
import type { ClipAnswerer } from '../answering/clip-answerer.ts'
import type { BeginningWeigher } from '../evaluation/benchmark/ask-questions.ts'
import { probabilityOfAny } from '../moderation/ask-yes-no.ts'

/** Weighs through an answerer. */
export function weigherOf(answerer: Pick<ClipAnswerer, 'score'>): BeginningWeigher {
  return async (question, groups, signal) => {
    const { scores, model } = await answerer.score(question, groups.flat(), signal)
    let start = 0
    const weights = groups.map((group) => {
      const own = scores.slice(start, start + group.length)
      start += group.length
      const perToken = own.map(({ logProbability, tokenIds }) => logProbability / Math.max(1, tokenIds.length))
      return { probability: probabilityOfAny(own), perToken: Math.max(...perToken) }
    })
    return { weights, model }
  }
}
