import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Decoder } from '../../../src/valley/decoder.ts'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { logProbabilities, scoreContinuations } from '../../../src/valley/score-continuations.ts'
import { openTinyModel, type TinyModel } from '../../helpers/open-tiny-model.ts'

const PROMPT = [1, 9, 12, 30]
const CONTINUATIONS = [[14, 20, 7], [14], [], [22, 14]]
const ALL = { leastLogProbability: Number.NEGATIVE_INFINITY }

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
    const scores = (await scoreContinuations(CONTINUATIONS, logits, decoder, cache, ALL))!
    expect(scores.map(({ tokenIds }) => tokenIds)).toEqual(CONTINUATIONS)
    for (const { tokenIds, logProbability } of scores) {
      expect(logProbability).toBeCloseTo(await byWholePasses(tokenIds), 4)
    }
    expect(cache.length).toBe(PROMPT.length)
  })

  it('follows no beginning that is less likely than what is asked for, and gives the likelihood of the beginning', async () => {
    const cache = newCache()
    const logits = (await decoder.prefill(tokensOf(PROMPT), cache))!
    const first = await Promise.all([14, 22].map((id) => byWholePasses([id])))
    const [likelier, other] = first[0]! > first[1]! ? [14, 22] : [22, 14]
    const steps: number[] = []
    const counting = {
      decodeStep: (id: number, kept: KvCache) => {
        steps.push(id)
        return decoder.decodeStep(id, kept)
      },
    }
    const leastLogProbability = (first[0]! + first[1]!) / 2
    const continuations = [
      [other, 20, 7],
      [likelier, 20],
    ]
    const scores = (await scoreContinuations(continuations, logits, counting, cache, { leastLogProbability }))!
    expect(steps).toEqual([likelier])
    expect(scores.map(({ tokenIds }) => tokenIds)).toEqual(continuations)
    expect(scores[0]!.logProbability).toBeCloseTo(Math.min(...first), 4)
    expect(scores[1]!.logProbability).toBeCloseTo(await byWholePasses([likelier, 20]), 4)
    expect(cache.length).toBe(PROMPT.length)
  })

  it('leaves the prompt alone in the cache when it is aborted', async () => {
    const cache = newCache()
    const logits = (await decoder.prefill(tokensOf(PROMPT), cache))!
    const aborted = { ...ALL, signal: AbortSignal.abort() }
    expect(await scoreContinuations(CONTINUATIONS, logits, decoder, cache, aborted)).toBeNull()
    expect(cache.length).toBe(PROMPT.length)
  })
})

describe('logProbabilities', () => {
  it('is the logarithm of the softmax, also where exponentials overflow', () => {
    // exp(0) : exp(ln 3) is 1 : 3.
    expect(logProbabilities(Float32Array.of(0, Math.log(3)))(1)).toBeCloseTo(Math.log(0.75), 6)
    expect(logProbabilities(Float32Array.of(1000, 1000))(0)).toBeCloseTo(Math.log(0.5), 6)
  })
})
