import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OnnxSession } from '../../../src/onnx/session.ts'
import { float32Tensor, type NamedTensors } from '../../../src/onnx/tensor.ts'
import { Decoder } from '../../../src/valley/decoder.ts'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import { agree, openDecoder } from '../../../src/valley/open-decoder.ts'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { openTinyModel, type TinyModel } from '../../helpers/open-tiny-model.ts'

let model: TinyModel
beforeAll(async () => {
  model = await openTinyModel('mean')
})
afterAll(() => closeGraphs(model.graphs))

const decoderOf = (session: OnnxSession, mode: 'in-place' | 'copied') =>
  new Decoder(model.graphs.embedTokens, session, model.shapes, mode)

/** The model's session with another way of running in place. */
function withInPlace(runInPlace: OnnxSession['runInPlace']): OnnxSession {
  const { decoder } = model.graphs
  const changed = { runInPlace, endsEarly: true, inputNames: decoder.inputNames, run: decoder.run.bind(decoder) }
  return changed as unknown as OnnxSession
}

/** Written as a binding would that copies outputs only after the run: the past is gone when it is read. */
async function clearFirst(feeds: NamedTensors, targets: NamedTensors): Promise<void> {
  for (const tensor of Object.values(targets)) tensor.data.fill(0 as never)
  await model.graphs.decoder.runInPlace(feeds, targets)
}

describe('openDecoder', () => {
  it('writes rows in place with the runtime that this repository pins', async () => {
    expect((await openDecoder(model.graphs.embedTokens, model.graphs.decoder, model.shapes)).mode).toBe('in-place')
  })

  it.each<[string, OnnxSession['runInPlace']]>([
    ['fails', () => Promise.reject(new Error('handed over'))],
    ['writes nothing', () => Promise.resolve()],
    ['loses the rows that were there', clearFirst],
  ])('copies rows when writing in place %s', async (_, runInPlace) => {
    const session = withInPlace(runInPlace)
    expect((await openDecoder(model.graphs.embedTokens, session, model.shapes)).mode).toBe('copied')
    expect(await agree(decoderOf(session, 'copied'), decoderOf(session, 'in-place'), model.shapes)).toBe(false)
  })
})

describe('writing in place', () => {
  const token = (id: number): PromptToken => ({ id, visual: null })

  it('gives bit for bit what copying gives over a prompt in chunks, steps, a cut and growth', async () => {
    const modes = (['in-place', 'copied'] as const).map((mode) => ({
      decoder: decoderOf(model.graphs.decoder, mode),
      cache: new KvCache(model.shapes, model.modelPackage.manifest.language.context),
    }))
    const seen = await Promise.all(
      modes.map(async ({ decoder, cache }) => {
        const logits: (Float32Array | null)[] = []
        const prompt = Array.from({ length: 50 }, (_, index) => token((index * 7) % 60))
        logits.push(await decoder.prefill(prompt, cache, undefined, 16))
        for (let id = 0; id < 20; id++) logits.push(await decoder.decodeStep(id, cache)) // grows at 64 rows
        cache.truncate(30)
        logits.push(await decoder.prefill([token(5), token(6)], cache))
        for (let id = 0; id < 3; id++) logits.push(await decoder.decodeStep(id, cache))
        return logits
      }),
    )
    expect(seen[0]).toEqual(seen[1])
  })

  it('leaves the rows that were there alone', async () => {
    const decoder = decoderOf(model.graphs.decoder, 'in-place')
    const cache = new KvCache(model.shapes, 64)
    await decoder.prefill([token(1), token(2), token(3)], cache)
    const { Hkv, Dh } = model.shapes
    const rowsOf = (tensors: NamedTensors) =>
      Object.values(tensors).map((tensor) => {
        const data = tensor.data as Float32Array
        return Array.from({ length: Hkv }, (_, head) => data.slice(head * 64 * Dh, (head * 64 + 3) * Dh))
      })
    const before = rowsOf(cache.pastTensors())
    await decoder.decodeStep(4, cache)
    expect(rowsOf(cache.pastTensors())).toEqual(before)
  })

  it('fails with the code of every run that fails', async () => {
    const { decoder } = model.graphs
    const wrong = { inputs_embeds: float32Tensor(new Float32Array(3), [1, 1, 3]) }
    await expect(decoder.runInPlace(wrong, {})).rejects.toMatchObject({ code: 'INFERENCE_FAILED' })
  })
})
