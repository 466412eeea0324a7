import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { buildShape } from '../../bench/build-shape.ts'
import { randomWeight } from '../../bench/random-weights.ts'
import { writeTransformersJs } from '../../bench/write-transformers-js.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { OnnxSession } from '../../src/onnx/session.ts'
import { float32Tensor, int64Tensor, type NamedTensors } from '../../src/onnx/tensor.ts'
import { Decoder } from '../../src/valley/decoder.ts'
import { closeGraphs, openGraphs } from '../../src/valley/graphs.ts'
import { KvCache } from '../../src/valley/kv-cache.ts'
import { shapesOf } from '../../src/valley/shapes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

it('draws the same weights each time that they are streamed, in whatever pieces', async () => {
  const rows = 400
  const read = async (inputs: number, multipleOf: number) => {
    const pieces: Float32Array[] = []
    for await (const piece of randomWeight('a', [rows, inputs]).chunks(multipleOf)) pieces.push(piece.slice())
    return Buffer.concat(pieces.map((piece) => Buffer.from(piece.buffer)))
  }
  const whole = await read(1152, 1)
  expect(whole).toHaveLength(rows * 1152 * 4)
  expect((await read(1152, 1152)).equals(whole)).toBe(true)
  expect(new Set(new Float32Array(whole.buffer, whole.byteOffset, 1152)).size).toBe(1152)
})

it('builds a package of a shape that the engine answers with, and the same model for transformers.js', async () => {
  const folder = temporaryFolder()
  const packageDirectory = await buildShape(folder, 'small', 'int4')
  expect(basename(packageDirectory)).toMatch(/^small-int4/)
  const engine = await openEngine({ packageDirectory, threads: 1 })
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] as const
  const types: string[] = []
  const request = { threadId: 'x', messages, maxTokens: 3, temperature: 0, topP: 1, seed: 0, probe: false }
  for await (const event of engine.generate(request)) types.push(event.type)
  expect(types.at(-1)).toBe('end')
  await engine.close()
  const theirs = await writeTransformersJs(folder, { name: 'small' })
  const ids = [11, 50, 77]
  expect(await logitsInLayout(theirs, ids, 99)).toEqual(await logitsOfPackage(packageDirectory, ids, 99))
})

/** [V] after a prompt and after one more token, each run once. */
async function logitsOfPackage(directory: string, prompt: readonly number[], next: number): Promise<number[][]> {
  const modelPackage = await openPackage(directory)
  const graphs = await openGraphs(modelPackage, { intraOpThreads: 1 })
  const shapes = shapesOf(modelPackage.manifest)
  const decoder = new Decoder(graphs.embedTokens, graphs.decoder, shapes, 'in-place')
  const cache = new KvCache(shapes, modelPackage.manifest.language.context)
  const first = await decoder.prefill(
    prompt.map((id) => ({ id, visual: null })),
    cache,
  )
  const logits = [first!, await decoder.decodeStep(next, cache)].map((values) => Array.from(values))
  await closeGraphs(graphs)
  return logits
}

/** The same by the graphs that transformers.js would run, fed as it feeds them. */
async function logitsInLayout(directory: string, prompt: readonly number[], next: number): Promise<number[][]> {
  const open = (name: string) => OnnxSession.open(join(directory, 'onnx', name), { intraOpThreads: 1 })
  const [embed, decoder] = [await open('embed_tokens.onnx'), await open('decoder_model_merged.onnx')]
  const pastNames = decoder.inputNames.filter((name) => name.startsWith('past_key_values.'))
  const { text_config: sizes } = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as {
    readonly text_config: { readonly num_key_value_heads: number; readonly head_dim: number }
  }
  const empty = float32Tensor(new Float32Array(0), [1, sizes.num_key_value_heads, 0, sizes.head_dim])
  let past: NamedTensors = Object.fromEntries(pastNames.map((name) => [name, empty]))
  let length = 0
  const logits: number[][] = []
  for (const ids of [prompt, [next]]) {
    length += ids.length
    const { inputs_embeds } = await embed.run({ input_ids: int64Tensor(ids, [1, ids.length]) })
    const mask = int64Tensor(Array<number>(length).fill(1), [1, length])
    const outputs = await decoder.run({ inputs_embeds: inputs_embeds!, attention_mask: mask, ...past })
    past = Object.fromEntries(pastNames.map((name) => [name, outputs[name.replace('past_key_values', 'present')]!]))
    logits.push(Array.from(outputs.logits!.data as Float32Array))
  }
  await Promise.all([embed.dispose(), decoder.dispose()])
  return logits
}
