// Runs decode steps on one package with the KV cache written in each of the ways that were considered, and with guesses.
// argv: package, threads.
import { openPackage } from '../../src/model-package/open-package.ts'
import { OnnxSession } from '../../src/onnx/session.ts'
import { float32Tensor, int32Tensor, int64Tensor, type NamedTensors } from '../../src/onnx/tensor.ts'
import { Decoder } from '../../src/valley/decoder.ts'
import { KvCache } from '../../src/valley/kv-cache.ts'
import { type Shapes, shapesOf } from '../../src/valley/shapes.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [packageDirectory = '', threads] = process.argv.slice(2)

await serve(async () => {
  const { manifest, pathOf } = await openPackage(packageDirectory)
  const shapes = shapesOf(manifest)
  const embed = await OnnxSession.open(pathOf(manifest.graphs.embedTokens), { intraOpThreads: 1 })
  const graph = await OnnxSession.open(pathOf(manifest.graphs.decoder), { intraOpThreads: Number(threads) })

  return async ({ promptTokens, newTokens }: Task): Promise<Figures> => {
    const cache = new KvCache(shapes, manifest.language.context)
    const prompt = Array.from({ length: promptTokens }, (_, at) => ({ id: 10 + ((at * 37) % 240), visual: null }))
    const figures: Record<string, number> = {}
    for (const mode of ['in-place', 'copied'] as const) {
      const decoder = new Decoder(embed, graph, shapes, mode)
      if (cache.length === 0) await decoder.prefill(prompt, cache)
      cache.truncate(promptTokens)
      const begun = performance.now()
      for (let step = 0; step < newTokens; step++) await decoder.decodeStep(10 + step, cache)
      figures[mode] = (newTokens / (performance.now() - begun)) * 1000
    }
    cache.truncate(promptTokens)
    figures.checked = await checkGuesses(new Decoder(embed, graph, shapes, 'in-place'), cache, newTokens)
    cache.truncate(promptTokens)
    figures.returned = await returnedWhole(embed, graph, shapes, cache, newTokens)
    return figures
  }
})

/** Tokens a second where every guess is right: a step's token and three guessed ones in a run. */
async function checkGuesses(decoder: Decoder, cache: KvCache, newTokens: number): Promise<number> {
  const begun = performance.now()
  for (let said = 0; said < newTokens; said += 4) await decoder.decodeAll([10, 11, 12, 13], cache)
  return (newTokens / (performance.now() - begun)) * 1000
}

/** As transformers.js has it: the whole cache comes back from each step and goes into the next. Steps a second. */
async function returnedWhole(embed: OnnxSession, graph: OnnxSession, shapes: Shapes, cache: KvCache, steps: number) {
  const { Dl, Hkv, Dh } = shapes
  const names = Object.keys(cache.presentTensors())
  let past: NamedTensors = exactly(cache, Hkv, Dh)
  const begun = performance.now()
  for (let step = 0; step < steps; step++) {
    const { embeddings } = await embed.run({ token_ids: int64Tensor([10 + step], [1]) }, ['embeddings'])
    const length = cache.length + step
    const outputs: NamedTensors = await graph.run(
      {
        inputs_embeds: float32Tensor(embeddings!.data as Float32Array, [1, 1, Dl]),
        logit_rows: int64Tensor([0], [1]),
        past_length: int64Tensor([length], [1]),
        seqlens_k: int32Tensor(Int32Array.of(length), [1]),
        total_sequence_length: int32Tensor(Int32Array.of(length + 1), []),
        ...past,
      },
      ['logits', ...names],
    )
    past = Object.fromEntries(names.map((name) => [name.replace('present', 'past'), outputs[name]!]))
  }
  return (steps / (performance.now() - begun)) * 1000
}

/** The rows of a cache without room behind them. */
function exactly(cache: KvCache, Hkv: number, Dh: number): NamedTensors {
  const entries = Object.entries(cache.pastTensors()).map(([name, { data }]) => {
    const rows = new Float32Array(Hkv * cache.length * Dh)
    for (let head = 0; head < Hkv; head++) {
      const start = head * cache.capacity * Dh
      rows.set((data as Float32Array).subarray(start, start + cache.length * Dh), head * cache.length * Dh)
    }
    return [name, float32Tensor(rows, [1, Hkv, cache.length, Dh])] as const
  })
  return Object.fromEntries(entries)
}
