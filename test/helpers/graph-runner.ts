// Runs the graphs of a package one by one, without the pipeline that uses them: what a graph gives is judged by itself.

import type { ModelManifest } from '../../src/model-package/manifest.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { OnnxSession } from '../../src/onnx/session.ts'
import { float32Tensor, int32Tensor, int64Tensor, type NamedTensors } from '../../src/onnx/tensor.ts'

/** The graphs of one package, opened when first used; dispose() frees them. */
export class GraphRunner {
  readonly manifest: ModelManifest
  readonly #pathOf: (file: string) => string
  readonly #sessions = new Map<string, OnnxSession>()

  private constructor(manifest: ModelManifest, pathOf: (file: string) => string) {
    this.manifest = manifest
    this.#pathOf = pathOf
  }

  /** Opens a package. */
  static async open(directory: string): Promise<GraphRunner> {
    const { manifest, pathOf } = await openPackage(directory)
    return new GraphRunner(manifest, pathOf)
  }

  /** Runs the graph with one float32 input and one output. */
  async single(graph: 'visionEncoder' | 'projector' | 'pooling', input: Float32Array, dimensions: readonly number[]) {
    const names = { visionEncoder: 'pixel_values', projector: 'features', pooling: 'patches' }
    const outputs = { visionEncoder: 'features', projector: 'projected', pooling: 'pooled' }
    const result = await this.#run(graph, { [names[graph]]: float32Tensor(input, dimensions) })
    return floats(result, outputs[graph])
  }

  /** Embeds token ids. */
  async embed(ids: readonly number[]) {
    return floats(await this.#run('embedTokens', { token_ids: int64Tensor(ids, [ids.length]) }), 'embeddings')
  }

  /** Starts a sequence with an empty cache of a capacity. */
  sequence(capacity: number): Sequence {
    return new Sequence(this.manifest.language, capacity, (feeds) => this.#run('decoder', feeds))
  }

  /** Frees all sessions. */
  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.dispose()
  }

  async #run(graph: keyof ModelManifest['graphs'], feeds: NamedTensors): Promise<NamedTensors> {
    const file = this.manifest.graphs[graph]
    if (file === null) throw new Error(`the package has no ${graph}`)
    let session = this.#sessions.get(file)
    if (session === undefined) {
      session = await OnnxSession.open(this.#pathOf(file), { intraOpThreads: 1 })
      this.#sessions.set(file, session)
    }
    return session.run(feeds)
  }
}

/** One sequence with its KV cache, as plainly as the graph's contract allows. */
export class Sequence {
  readonly #sizes: ModelManifest['language']
  readonly #capacity: number
  readonly #run: (feeds: NamedTensors) => Promise<NamedTensors>
  readonly #cache = new Map<string, Float32Array>()
  #length = 0

  constructor(sizes: ModelManifest['language'], capacity: number, run: (feeds: NamedTensors) => Promise<NamedTensors>) {
    this.#sizes = sizes
    this.#capacity = capacity
    this.#run = run
  }

  /** Appends embeddings [S, Dl] and gives the logits [V] of the last one. */
  async append(embeddings: Float32Array): Promise<Float32Array> {
    const { width, layers, keyValueHeads, headWidth } = this.#sizes
    const count = embeddings.length / width
    const total = this.#length + count
    const cacheNames = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat()
    const past = cacheNames.map((name) => [
      `past.${name}`,
      float32Tensor(this.#rows(name), [1, keyValueHeads, this.#capacity, headWidth]),
    ])
    const result = await this.#run({
      inputs_embeds: float32Tensor(embeddings, [1, count, width]),
      past_length: int64Tensor([this.#length], [1]),
      logit_rows: int64Tensor([count - 1], [1]),
      seqlens_k: int32Tensor(Int32Array.of(total - 1), [1]),
      total_sequence_length: int32Tensor(Int32Array.of(total), []),
      ...Object.fromEntries(past),
    })
    for (const name of cacheNames) {
      const { values } = floats(result, `new.${name}`)
      for (let head = 0; head < keyValueHeads; head++) {
        const rows = values.subarray(head * count * headWidth, (head + 1) * count * headWidth)
        this.#rows(name).set(rows, (head * this.#capacity + this.#length) * headWidth)
      }
    }
    this.#length = total
    return floats(result, 'logits').values
  }

  /** [Hkv, C, Dh]; rows beyond the length hold NaN, which must never reach a result. */
  #rows(name: string): Float32Array {
    let rows = this.#cache.get(name)
    if (rows === undefined) {
      const { keyValueHeads, headWidth } = this.#sizes
      rows = new Float32Array(keyValueHeads * this.#capacity * headWidth).fill(Number.NaN)
      this.#cache.set(name, rows)
    }
    return rows
  }
}

function floats(result: NamedTensors, name: string): { shape: readonly number[]; values: Float32Array } {
  const tensor = result[name]
  if (tensor?.type !== 'float32') throw new Error(`${name} is ${tensor?.type ?? 'absent'}`)
  return { shape: tensor.dims, values: tensor.data }
}
