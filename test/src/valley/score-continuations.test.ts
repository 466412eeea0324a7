import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Decoder } from '../../../src/valley/decoder.ts'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { logProbabilityOf, scoreContinuations } from '../../../src/valley/score-continuations.ts'
import { openTinyModel, type TinyModel } from '../../helpers/open-tiny-model.ts'

const PROMPT = [1, 9, 12, 30]
const CONTINUATIONS = [[14, 20, 7], [14], [], [22, 14]]

let model: TinyModel
let decoder: Decoder

beforeAll(async () => {
  model = await openTinyModel('mean')
  decoder = new Decoder(model.graphs.embedTokens, model.graphs.decoder, model.shapes)
})
afterAll(() => closeGraphs(model.graphs))

const tokensOf = (ids: readonly number[]): PromptToken[] => ids.map((id) => ({ id, visual: null }))
const newCache = () => new KvCache(model.shapes, model.modelPackage.manifest.language.context)

/** The chain rule by whole passes: each token's logits from a cache of its own. */
async function byWholePasses(continuation: readonly number[]): Promise<number> {
  let sum = 0
  for (const [place, id] of continuation.entries()) {
    const before = [...PROMPT, ...continuation.slice(0, place)]
    const logits = Array.from((await decoder.prefill(tokensOf(before), newCache()))!)
    const total = logits.reduce((all, logit) => all + Math.exp(logit), 0)
    sum += Math.log(Math.exp(logits[id]!) / total)
  }
  return sum
}

describe('scoreContinuations', () => {
  it('multiplies the probabilities of the tokens, each after all before it', async () => {
    const cache = newCache()
    const logits = (await decoder.prefill(tokensOf(PROMPT), cache))!
    const scores = (await scoreContinuations(CONTINUATIONS, logits, decoder, cache))!
    expect(scores.map(({ tokenIds }) => tokenIds)).toEqual(CONTINUATIONS)
    for (const { tokenIds, logProbability } of scores) {
      expect(logProbability).toBeCloseTo(await byWholePasses(tokenIds), 4)
    }
    expect(cache.length).toBe(PROMPT.length)
  })

  it('leaves the prompt alone in the cache when it is aborted', async () => {
    const cache = newCache()
    const logits = (await decoder.prefill(tokensOf(PROMPT), cache))!
    expect(await scoreContinuations(CONTINUATIONS, logits, decoder, cache, AbortSignal.abort())).toBeNull()
    expect(cache.length).toBe(PROMPT.length)
  })
})

describe('logProbabilityOf', () => {
  it('is the logarithm of the softmax, also where exponentials overflow', () => {
    // exp(0) : exp(ln 3) is 1 : 3.
    expect(logProbabilityOf(1, Float32Array.of(0, Math.log(3)))).toBeCloseTo(Math.log(0.75), 6)
    expect(logProbabilityOf(0, Float32Array.of(1000, 1000))).toBeCloseTo(Math.log(0.5), 6)
  })
})
