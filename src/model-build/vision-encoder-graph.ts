// The vision encoder: pixel_values [T, 3, H, W] -> features [T, 1 + P, Dv], class feature first.
// Follows transformers' CLIPVisionModel up to hidden_states[selected]: no norm after the last block.
import type { VisionTower } from './architecture.ts'
import { float, GraphBuilder, type Value } from './graph-builder.ts'
import { addAndLayerNorm, layerNorm, linear, reshape } from './layers.ts'
import type { MatrixFormat } from './precision.ts'

/** CLIP's approximation of GELU: x * sigmoid(1.702 x). */
const QUICK_GELU_ALPHA = 1.702

/** Builds the graph of a tower whose products are stored in a format. */
export function buildVisionEncoderGraph(tower: VisionTower, format: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('vision-encoder')
  const { channels, imagePixels, width, heads } = tower
  const positions = 1 + tower.patches
  const pixels = graph.input('pixel_values', 'float32', ['T', channels, imagePixels, imagePixels])

  const embedded = embedPatches(graph, tower, pixels) // [T, 1 + P, Dv]
  let stream = layerNorm(graph, reshape(graph, embedded, [-1, width]), tower.inputNorm) // [T * (1 + P), Dv]
  let branch: Value | null = null // what the last half block adds to the stream
  for (const block of tower.blocks) {
    let normed: Value
    if (branch === null) normed = layerNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndLayerNorm(graph, branch, stream, block.attentionNorm))
    const [query, key, value] = [block.query, block.key, block.value].map((layer) =>
      reshape(graph, linear(graph, normed, layer, format), [-1, positions, width]),
    ) as [Value, Value, Value] // [T, 1 + P, Dv] each
    const attended = graph.node('MultiHeadAttention', [query, key, value], { num_heads: heads }) // [T, 1 + P, Dv]
    const mixed = linear(graph, reshape(graph, attended, [-1, width]), block.output, format) // [T * (1 + P), Dv]
    const beforeMlp = addAndLayerNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    const expanded = linear(graph, beforeMlp.normed, block.expand, format) // [T * (1 + P), MLP width]
    branch = linear(graph, activate(graph, expanded, tower.activation), block.contract, format)
  }
  if (branch !== null) stream = graph.node('Add', [stream, branch])
  graph.output('features', reshape(graph, stream, [-1, positions, width]), ['T', positions, width])
  return graph
}

/** [T, 3, H, W] -> [T, 1 + P, Dv]: patches row by row behind the class embedding, plus positions. */
function embedPatches(graph: GraphBuilder, tower: VisionTower, pixels: Value): Value {
  const { patchPixels, patches, width } = tower
  const square = [patchPixels, patchPixels]
  const grid = graph.node('Conv', [pixels, graph.exact(tower.patchEmbedding)], {
    kernel_shape: square,
    strides: square,
  }) // [T, Dv, rows, columns]
  const byPatch = graph.node('Transpose', [reshape(graph, grid, [0, width, patches])], { perm: [0, 2, 1] }) // [T, P, Dv]
  const frames = graph.node('Shape', [pixels], { start: 0, end: 1 }) // [1], T
  const once = reshape(graph, graph.exact(tower.classEmbedding), [1, 1, width]) // [1, 1, Dv]
  const classShape = graph.node('Concat', [frames, graph.integers([1, width])], { axis: 0 })
  const classRows = graph.node('Expand', [once, classShape]) // [T, 1, Dv]
  const rows = graph.node('Concat', [classRows, byPatch], { axis: 1 }) // [T, 1 + P, Dv]
  return graph.node('Add', [rows, graph.exact(tower.positions)]) // [T, 1 + P, Dv]
}

function activate(graph: GraphBuilder, value: Value, activation: VisionTower['activation']): Value {
  return activation === 'quick-gelu'
    ? graph.node('QuickGelu', [value], { alpha: float(QUICK_GELU_ALPHA) })
    : graph.node('Gelu', [value])
}
