// What stands around each graph of the transformers.js layout, so that it is one of ours. That layout feeds the whole cache
// of keys and values and gets it back longer; ours has room to spare and takes the new rows only.
import { DATA_TYPE } from '../model-build/onnx-proto.ts'
import type { GraphWrapper, Value } from './graph-wrapper.ts'
import type { SourceValue } from './source-graph.ts'

/** Sizes that a package's graphs have. */
export interface ImportShapes {
  /** Side of the square input, pixels. */
  readonly imagePixels: number
  /** P, visual tokens that the graph gives for a picture. */
  readonly patches: number
  /** Dl */
  readonly width: number
  readonly layers: number
  readonly keyValueHeads: number
  readonly headWidth: number
  /** V */
  readonly vocabulary: number
}

/** Beyond the end of every tensor. */
const TO_THE_END = 2 ** 40

/** Vision encoder: pixel_values [T, 3, X, X] -> features [T, P, Dl], projected already. */
export function wrapVisionEncoder(graph: GraphWrapper, { imagePixels: side, patches, width }: ImportShapes): void {
  const pixels = graph.input('pixel_values', DATA_TYPE.float32, ['T', 3, side, side])
  const wanted = needInput(graph, 'pixel_values')
  const isBatched = wanted.dimensions?.length === 5
  graph.give(wanted, isBatched ? reshape(graph, pixels, [1, -1, 3, side, side]) : pixels)
  const mask = graph.sourceInput('pixel_attention_mask')
  if (mask !== null) {
    // Every pixel is one of the picture's: frames come in the size of the input.
    const frames = graph.node('Gather', [graph.node('Shape', [pixels]), graph.integers([0])], { axis: 0 }) // [1], T
    const each = graph.integers([side, side])
    const shape = graph.node('Concat', [graph.integers([1]), frames, each], { axis: 0 })
    graph.give(mask, ones(graph, shape))
  }
  const [only] = graph.sourceOutputs
  const features = graph.take(graph.sourceOutputs.length === 1 && only !== undefined ? only.name : 'image_features')
  graph.output('features', reshape(graph, features, [-1, patches, width]), ['T', patches, width])
}

/** Table of embeddings: token_ids [S] -> embeddings [S, Dl]. */
export function wrapEmbedTokens(graph: GraphWrapper, { width }: ImportShapes): void {
  const ids = graph.input('token_ids', DATA_TYPE.int64, ['S'])
  graph.give(needInput(graph, 'input_ids'), reshape(graph, ids, [1, -1]))
  const embeddings = graph.take('inputs_embeds')
  graph.output('embeddings', reshape(graph, embeddings, [-1, width]), ['S', width])
}

/** Decoder: embeddings of S positions behind a cache with room to spare -> the last logits and the new rows. */
export function wrapDecoder(graph: GraphWrapper, shapes: ImportShapes): void {
  const { width, layers, keyValueHeads, headWidth, vocabulary } = shapes
  const embeddings = graph.input('inputs_embeds', DATA_TYPE.float32, [1, 'S', width])
  const past = graph.input('past_length', DATA_TYPE.int64, [1])
  // The pipeline gives these two to every decoder; here past_length says the same.
  graph.input('seqlens_k', DATA_TYPE.int32, [1])
  graph.input('total_sequence_length', DATA_TYPE.int32, [])
  const length = graph.node('Gather', [graph.node('Shape', [embeddings]), graph.integers([1])], { axis: 0 }) // [1], S
  const total = graph.node('Add', [past, length]) // [1]

  graph.give(needInput(graph, 'inputs_embeds'), embeddings)
  giveIfWanted(graph, 'attention_mask', () =>
    ones(graph, graph.node('Concat', [graph.integers([1]), total], { axis: 0 })),
  )
  giveIfWanted(graph, 'position_ids', () => positions(graph, past, total))
  giveIfWanted(graph, 'num_logits_to_keep', (wanted) => graph.integers([1], wanted.dimensions?.length === 0))
  giveIfWanted(graph, 'use_cache_branch', () => graph.node('Greater', [past, graph.integers([0])]))
  const names = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat()
  const axis = graph.integers([2])
  for (const name of names) {
    const buffer = graph.input(`past.${name}`, DATA_TYPE.float32, [1, keyValueHeads, 'C', headWidth])
    const rows = graph.node('Slice', [buffer, graph.integers([0]), past, axis])
    graph.give(needInput(graph, `past_key_values.${name}`), rows)
  }

  const logits = graph.take('logits') // [1, S or 1, V]
  const last = graph.node('Slice', [logits, graph.integers([-1]), graph.integers([TO_THE_END]), graph.integers([1])])
  graph.output('logits', reshape(graph, last, [1, vocabulary]), [1, vocabulary])
  for (const name of names) {
    const rows = graph.node('Slice', [graph.take(`present.${name}`), past, total, axis])
    graph.output(`new.${name}`, rows, [1, keyValueHeads, 'S', headWidth])
  }
}

function positions(graph: GraphWrapper, past: Value, total: Value): Value {
  const scalar = (value: Value) => graph.node('Reshape', [value, graph.integers([])])
  const range = graph.node('Range', [scalar(past), scalar(total), graph.integers([1], true)])
  return reshape(graph, range, [1, -1])
}

function ones(graph: GraphWrapper, shape: Value): Value {
  return graph.node('Expand', [graph.integers([1], true), shape])
}

function reshape(graph: GraphWrapper, value: Value, shape: readonly number[]): Value {
  return graph.node('Reshape', [value, graph.integers(shape)])
}

function giveIfWanted(graph: GraphWrapper, name: string, make: (wanted: SourceValue) => Value): void {
  const wanted = graph.sourceInput(name)
  if (wanted !== null) graph.give(wanted, make(wanted))
}

/** @throws AppError CHECKPOINT_UNSUPPORTED */
function needInput(graph: GraphWrapper, name: string): SourceValue {
  const found = graph.sourceInput(name)
  if (found !== null) return found
  throw graph.unsupported(`has no input ${JSON.stringify(name)}`)
}
