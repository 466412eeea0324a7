// The checkpoint itself, in float32 and without a package: what a package of less precision is measured against. The same
// graphs as in a package, cut into blocks that are fed one after the other.
import type { NamedTensors, Tensor } from '../../onnx/tensor.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor } from '../../onnx/tensor.ts'
import type { RunnableGraph, VisualGraphs } from '../../valley/graphs.ts'
import type { PromptToken } from '../../valley/placeholders.ts'
import { placesOf } from '../../valley/token-places.ts'
import {
  type GridTower,
  isGridTower,
  type LanguageModel,
  type ValleyArchitecture,
  type VisionTower,
} from '../architecture.ts'
import { buildDecoderBlockGraph } from '../decoder-graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { buildGridTowerPieces } from '../grid-tower-graph.ts'
import { rmsNorm } from '../layers.ts'
import { buildPoolingGraph } from '../pooling-graph.ts'
import { buildProjectorGraph } from '../projector-graph.ts'
import { buildVisionPieces } from '../vision-encoder-graph.ts'
import type { WeightSource } from '../weight-source.ts'
import { runFed } from './fed-graph.ts'

/** One sequence, and from which of its positions on logits are wanted. */
export interface ReferenceSequence {
  readonly tokens: readonly PromptToken[]
  readonly firstPosition: number
}

/** Takes the logits of one position of one sequence. */
export type TakeLogits = (sequence: number, position: number, logits: Float32Array) => void

/**
 * The visual side, run as an open package's graphs are.
 * @param directory for temporary files
 */
export function referenceVisualGraphs(
  { vision, imageVision, projector, pooling, language }: ValleyArchitecture,
  directory: string,
  signal?: AbortSignal,
): VisualGraphs {
  const one = (graph: GraphBuilder): RunnableGraph => ({
    run: async (feeds, outputs = []) => {
      const output = outputs[0]!
      const [result] = await runFed(graph, [feeds], output, directory, signal)
      return { [output]: result! }
    },
  })
  const poolingGraph = buildPoolingGraph(pooling, vision.patches, language.width, 'float32')
  return {
    visionEncoder: isGridTower(vision)
      ? referenceGridTower(vision, directory, signal)
      : referenceTower(vision, directory, signal),
    imageEncoder: imageVision === null ? null : referenceTower(imageVision, directory, signal),
    projector: one(buildProjectorGraph(projector, null, 'float32')),
    pooling: poolingGraph === null ? null : one(poolingGraph),
  }
}

/** A tower alone, run as an open graph is. */
export function referenceTower(tower: VisionTower, directory: string, signal?: AbortSignal): RunnableGraph {
  return {
    run: async (feeds) => {
      const [entry, ...rest] = buildVisionPieces(tower)
      let [stream] = await runFed(entry!, [feeds], 'stream', directory, signal)
      for (const piece of rest.slice(0, -1)) {
        ;[stream] = await runFed(piece, [{ stream: stream! }], 'stream.out', directory, signal)
      }
      const [features] = await runFed(rest.at(-1)!, [{ stream: stream! }], 'features', directory, signal)
      return { features: features! }
    },
  }
}

/** A tower that takes frames of any shape, run as an open graph is. */
export function referenceGridTower(tower: GridTower, directory: string, signal?: AbortSignal): RunnableGraph {
  return {
    run: async ({ patches, ...layout }) => {
      const [entry, ...rest] = buildGridTowerPieces(tower)
      let [stream] = await runFed(entry!, [{ patches: patches! }], 'stream.out', directory, signal)
      for (const piece of rest.slice(0, -1)) {
        ;[stream] = await runFed(piece, [{ stream: stream!, ...layout }], 'stream.out', directory, signal)
      }
      const [features] = await runFed(rest.at(-1)!, [{ stream: stream! }], 'features', directory, signal)
      return { features: features! }
    },
  }
}

/**
 * Runs sequences through the language model, all of them through one block before the next.
 * @param take called for each wanted position, in order
 * @throws AppError CHECKPOINT_INVALID, INFERENCE_FAILED; signal.reason when aborted
 */
export async function referenceLogits(
  model: LanguageModel,
  sequences: readonly ReferenceSequence[],
  take: TakeLogits,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  const { width, keyValueHeads, headWidth } = model
  let streams = await embed(model, sequences) // [S, Dl] each
  for (const block of model.blocks) {
    const runs = streams.map((stream, index): NamedTensors => {
      const S = stream.length / width
      const past = float32Tensor(new Float32Array(keyValueHeads * S * headWidth), [1, keyValueHeads, S, headWidth])
      const places = placesOf(sequences[index]!.tokens, 0).flat()
      return {
        ...(model.rotaryParts === null ? {} : { places: int64Tensor(places, [S, 3]) }),
        inputs_embeds: float32Tensor(stream, [1, S, width]),
        past_length: int64Tensor([0], [1]),
        seqlens_k: int32Tensor(Int32Array.of(S - 1), [1]),
        total_sequence_length: int32Tensor(Int32Array.of(S), []),
        'past.0.key': past,
        'past.0.value': past,
      }
    })
    const graph = buildDecoderBlockGraph(model, block, 'float32')
    const outputs = await runFed(graph, runs, 'stream', directory, signal)
    streams = outputs.map((output) => assertShape('stream', output, [null, width]).data)
  }
  const wanted = sequences.flatMap(({ tokens, firstPosition }, index) =>
    Array.from({ length: tokens.length - firstPosition }, (_, step) => ({ index, position: firstPosition + step })),
  )
  const rows = new Float32Array(wanted.length * width)
  for (const [at, { index, position }] of wanted.entries()) {
    rows.set(streams[index]!.subarray(position * width, (position + 1) * width), at * width)
  }
  const logits = await headLogits(model, rows, directory, signal) // [N, V]
  for (const [at, { index, position }] of wanted.entries()) {
    take(index, position, logits.subarray(at * model.vocabulary, (at + 1) * model.vocabulary))
  }
}

/** Embeddings of the sequences' tokens, visual tokens in their places. The table is read once, and no more of it is kept. */
async function embed(model: LanguageModel, sequences: readonly ReferenceSequence[]): Promise<Float32Array[]> {
  const { width } = model
  const ids = new Set(sequences.flatMap(({ tokens }) => tokens.flatMap(({ id, visual }) => (visual ? [] : [id]))))
  const table = await pickRows(model.embedding, ids)
  return sequences.map(({ tokens }) => {
    const rows = new Float32Array(tokens.length * width)
    for (const [at, { id, visual }] of tokens.entries()) {
      const row = visual?.clip.rows.subarray(visual.row * width, (visual.row + 1) * width) ?? table.get(id)!
      rows.set(row, at * width)
    }
    return rows
  })
}

async function pickRows(source: WeightSource, wanted: ReadonlySet<number>): Promise<Map<number, Float32Array>> {
  const width = source.shape[1]!
  const rows = new Map<number, Float32Array>()
  let first = 0
  for await (const piece of source.chunks(width)) {
    const count = piece.length / width
    for (const id of wanted) {
      if (id >= first && id < first + count) rows.set(id, piece.slice((id - first) * width, (id - first + 1) * width))
    }
    first += count
  }
  return rows
}

/** Final norm and head: rows [N, Dl] -> [N, V]. The head passes by in pieces, since it can be the largest matrix of all. */
async function headLogits(
  model: LanguageModel,
  rows: Float32Array,
  directory: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { width, vocabulary } = model
  const count = rows.length / width
  const norm = new GraphBuilder('final-norm')
  norm.output('normed', rmsNorm(norm, norm.input('rows', 'float32', ['N', width]), model.finalNorm), ['N', width])
  const [normed] = await runFed(norm, [{ rows: float32Tensor(rows, [count, width]) }], 'normed', directory, signal)

  const product = new GraphBuilder('head')
  const [left, right] = [
    product.input('rows', 'float32', ['N', width]),
    product.input('weights', 'float32', ['R', width]),
  ]
  product.output('logits', product.node('Gemm', [left, right], { transB: 1 }), ['N', 'R'])
  const logits = new Float32Array(count * vocabulary)
  let first = 0
  for await (const piece of model.head.weight.chunks(width)) {
    const size = piece.length / width
    const weights = float32Tensor(piece, [size, width])
    const [part] = await runFed(product, [{ rows: normed as Tensor, weights }], 'logits', directory, signal)
    const values = assertShape('logits', part, [count, size]).data
    for (let row = 0; row < count; row++) {
      logits.set(values.subarray(row * size, (row + 1) * size), row * vocabulary + first)
    }
    first += size
  }
  return logits
}
