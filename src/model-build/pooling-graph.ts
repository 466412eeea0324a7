// Temporal pooling with weights of its own: patches [T, P, Dl] -> pooled [P, Dl].
// Source: RupertLuo/Valley valley/model/valley_model.py at 83d794f, the temporal_importance and temporal_transformer cases.
import { assertNever } from '../assert.ts'
import type { ImportancePooling, Pooling, TransformerPooling } from './architecture.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { addAndLayerNorm, linear, reshape } from './layers.ts'
import type { MatrixFormat } from './precision.ts'

/**
 * Builds the graph.
 * @param patches P
 * @param width Dl
 * @returns null for poolings without weights, which are done in TypeScript
 */
export function buildPoolingGraph(
  pooling: Pooling,
  patches: number,
  width: number,
  format: MatrixFormat,
): GraphBuilder | null {
  if (pooling.kind !== 'importance' && pooling.kind !== 'transformer') return null
  const graph = new GraphBuilder('pooling')
  const input = graph.input('patches', 'float32', ['T', patches, width])
  const pooled = poolPatches(graph, pooling, input, patches, width, format) // [P, Dl]
  graph.output('pooled', pooled, [patches, width])
  return graph
}

function poolPatches(
  graph: GraphBuilder,
  pooling: ImportancePooling | TransformerPooling,
  patches: Value,
  patchCount: number,
  width: number,
  format: MatrixFormat,
): Value {
  switch (pooling.kind) {
    case 'importance':
      return poolByImportance(graph, pooling, patches, patchCount, width)
    case 'transformer':
      return poolByTransformer(graph, pooling, patches, patchCount, width, format)
    default:
      return assertNever(pooling)
  }
}

/** One score a frame from all its patches, softmax over time, weighted sum. The score's one row is never quantised. */
function poolByImportance(
  graph: GraphBuilder,
  pooling: ImportancePooling,
  patches: Value,
  patchCount: number,
  width: number,
): Value {
  const frames = reshape(graph, patches, [-1, patchCount * width]) // [T, P * Dl]
  const scores = linear(graph, frames, pooling.score, 'float32') // [T, 1]
  const shares = graph.node('Softmax', [scores], { axis: 0 }) // [T, 1]
  const sum = graph.node('Gemm', [shares, frames], { transA: 1 }) // [1, P * Dl]
  return reshape(graph, sum, [patchCount, width]) // [P, Dl]
}

/**
 * A post-norm transformer layer over time at each patch position; its last frame plus the mean of the plain features.
 * Differs from source: only the last frame's query, sums and MLP are computed, since nothing else of the layer is used.
 */
function poolByTransformer(
  graph: GraphBuilder,
  pooling: TransformerPooling,
  patches: Value,
  patchCount: number,
  width: number,
  format: MatrixFormat,
): Value {
  const frames = graph.node('Shape', [patches], { start: 0, end: 1 }) // [1], T
  const axis = graph.integers([0])
  const positions = graph.node('Slice', [graph.exact(pooling.positions), axis, frames, axis]) // [T, Dl]
  const byPatch = graph.node('Transpose', [patches], { perm: [1, 0, 2] }) // [P, T, Dl]
  const positioned = graph.node('Add', [byPatch, positions]) // [P, T, Dl]
  const last = graph.node('Gather', [positioned, graph.integers([-1], true)], { axis: 1 }) // [P, Dl]

  const allRows = reshape(graph, positioned, [-1, width]) // [P * T, Dl]
  const byTime = graph.node('Concat', [graph.integers([patchCount]), frames, graph.integers([width])], { axis: 0 })
  const query = reshape(graph, linear(graph, last, pooling.query, format), [patchCount, 1, width]) // [P, 1, Dl]
  const [key, value] = [pooling.key, pooling.value].map((layer) =>
    graph.node('Reshape', [linear(graph, allRows, layer, format), byTime]),
  ) as [Value, Value] // [P, T, Dl] each
  const attended = graph.node('MultiHeadAttention', [query, key, value], { num_heads: pooling.heads }) // [P, 1, Dl]
  const mixed = linear(graph, reshape(graph, attended, [patchCount, width]), pooling.output, format) // [P, Dl]
  const { normed } = addAndLayerNorm(graph, mixed, last, pooling.attentionNorm) // [P, Dl]
  const expanded = graph.node('Relu', [linear(graph, normed, pooling.expand, format)]) // [P, MLP width]
  const contracted = linear(graph, expanded, pooling.contract, format) // [P, Dl]
  const encoded = addAndLayerNorm(graph, contracted, normed, pooling.mlpNorm).normed // [P, Dl]
  // As source: the mean is of the features without their positions.
  const mean = graph.node('ReduceMean', [patches, axis], { keepdims: 0 }) // [P, Dl]
  return graph.node('Add', [encoded, mean]) // [P, Dl]
}
