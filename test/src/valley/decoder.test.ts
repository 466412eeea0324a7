import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Decoder } from '../../../src/valley/decoder.ts'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import { layoutTokensOf, type PromptToken, placeVisualTokens } from '../../../src/valley/placeholders.ts'
import {
  openTinyModel,
  referenceFloats,
  referenceIds,
  referenceVisualTokens,
  type TinyModel,
} from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { TINY_VARIANTS } from '../../helpers/tiny-package.ts'

const CACHE_MODES = ['in-place', 'copied'] as const
const CASES = TINY_VARIANTS.flatMap((variant) => CACHE_MODES.map((mode) => [variant, mode] as const))

describe.each(CASES)('Decoder of the %s model, rows %s', (variant, mode) => {
  let model: TinyModel
  let decoder: Decoder
  let prompt: PromptToken[]
  const greedyIds = referenceIds(variant, 'greedy_ids')
  const stepLogits = referenceFloats(variant, 'step_logits') // [16, V], each from a full pass without a cache
  const rowOf = (step: number) => stepLogits.data.subarray(step * model.shapes.V, (step + 1) * model.shapes.V)
  const newCache = () => new KvCache(model.shapes, model.modelPackage.manifest.language.context)

  beforeAll(async () => {
    model = await openTinyModel(variant)
    decoder = new Decoder(model.graphs.embedTokens, model.graphs.decoder, model.shapes, mode)
    const ids = referenceIds(variant, 'token_ids')
    const layout = layoutTokensOf(model.modelPackage.manifest)!
    prompt = placeVisualTokens(ids, [referenceVisualTokens(variant)], layout)
  })
  afterAll(() => closeGraphs(model.graphs))

  it('gives after prefill and after every cached step the logits of PyTorch’s full pass, within 1e-4 of RMS', async () => {
    const cache = newCache()
    let logits = await decoder.prefill(prompt, cache)
    for (const [step, id] of greedyIds.entries()) {
      expect(relativeError(logits!, rowOf(step))).toBeLessThan(1e-4)
      expect(logits!.indexOf(Math.max(...logits!))).toBe(id)
      logits = await decoder.decodeStep(id, cache)
    }
    expect(cache.length).toBe(prompt.length + greedyIds.length)
  })

  it('gives with the cache what a full pass of its own gives', async () => {
    const cache = newCache()
    let cached = await decoder.prefill(prompt, cache)
    const tokens = [...prompt]
    for (const id of greedyIds.slice(0, 4)) {
      cached = await decoder.decodeStep(id, cache)
      tokens.push({ id, visual: null })
      const full = await decoder.prefill(tokens, newCache())
      expect(relativeError(cached, full!)).toBeLessThan(1e-5)
    }
  })

  it.each([1, 7, 64])('gives the same logits when the prefill is split into chunks of %i', async (chunkTokens) => {
    const cache = newCache()
    const whole = await decoder.prefill(prompt, newCache(), undefined, prompt.length)
    const split = await decoder.prefill(prompt, cache, undefined, chunkTokens)
    expect(relativeError(split!, whole!)).toBeLessThan(1e-5)
    expect(cache.length).toBe(prompt.length)
  })

  it('goes on from a cut as if what was cut had never been', async () => {
    const cache = newCache()
    await decoder.prefill(prompt, cache)
    await decoder.decodeStep(20, cache)
    await decoder.decodeStep(21, cache)
    cache.truncate(prompt.length)
    const logits = await decoder.decodeStep(greedyIds[0]!, cache)
    expect(relativeError(logits, rowOf(1))).toBeLessThan(1e-4)
  })

  it('stops between chunks when told to and keeps the rows that were run', async () => {
    const cache = newCache()
    const abort = new AbortController()
    const running = decoder.prefill(prompt, cache, abort.signal, 8)
    abort.abort()
    expect(await running).toBeNull()
    expect(cache.length).toBe(8)
  })

  it('refuses what the context cannot hold and leaves the cache as it was', async () => {
    const cache = newCache()
    const token: PromptToken = { id: 20, visual: null }
    const prefill = decoder.prefill(new Array<PromptToken>(cache.context + 1).fill(token), cache)
    await expect(prefill).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' })
    expect(cache.length).toBe(0)
  })
})
