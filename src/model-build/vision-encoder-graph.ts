// The vision encoder: pixel_values [T, 3, H, W] -> features [T, F, Dv]; F is 1 + P with the class feature first, or P for
// a tower without a class. Follows transformers' CLIPVisionModel and SiglipVisionModel up to hidden_states[selected].
import type { VisionBlock, VisionTower } from './architecture.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { activate, addAndLayerNorm, layerNorm, linear, reshape } from './layers.ts'
import type { MatrixFormat } from './precision.ts'
import { addStem } from './stem-graph.ts'

/** Builds the graph of a tower whose products are stored in a format. */
export function buildVisionEncoderGraph(tower: VisionTower, format: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('vision-encoder')
  const positions = featureCount(tower)
  const features = reshape(graph, addVisionTower(graph, tower, format), [-1, positions, tower.width])
  graph.output('features', features, ['T', positions, tower.width])
  return graph
}

/** Adds a tower with its input, pixel_values [T, 3, H, W]. @returns [T * F, Dv] */
export function addVisionTower(graph: GraphBuilder, tower: VisionTower, format: MatrixFormat): Value {
  const { channels, imagePixels, width } = tower
  const pixels = graph.input('pixel_values', 'float32', ['T', channels, imagePixels, imagePixels])

  let stream = reshape(graph, embedPatches(graph, tower, pixels), [-1, width]) // [T * F, Dv]
  if (tower.inputNorm !== null) stream = layerNorm(graph, stream, tower.inputNorm)
  let branch: Value | null = null // what the last half block adds to the stream
  for (const block of tower.blocks) {
    let normed: Value
    if (branch === null) normed = layerNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndLayerNorm(graph, branch, stream, block.attentionNorm))
    const mixed = attend(graph, tower, block, normed, format) // [T * F, Dv]
    const beforeMlp = addAndLayerNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    branch = mlp(graph, tower, block, beforeMlp.normed, format)
  }
  if (branch !== null) stream = graph.node('Add', [stream, branch])
  return tower.outputNorm === null ? stream : layerNorm(graph, stream, tower.outputNorm)
}

/**
 * Builds the tower as a row of graphs, for models that are run block by block: pixel_values to stream [T, F, Dv], stream to
 * stream for each block, and the last to features.
 */
export function buildVisionPieces(tower: VisionTower): GraphBuilder[] {
  const { channels, imagePixels, width } = tower
  const shape = ['T', featureCount(tower), width]
  const first = new GraphBuilder('vision-entry')
  const pixels = first.input('pixel_values', 'float32', ['T', channels, imagePixels, imagePixels])
  const embedded = embedPatches(first, tower, pixels)
  first.output('stream', tower.inputNorm === null ? embedded : layerNorm(first, embedded, tower.inputNorm), shape)
  const blocks = tower.blocks.map((block) => {
    const graph = new GraphBuilder('vision-block')
    const stream = reshape(graph, graph.input('stream', 'float32', shape), [-1, width]) // [T * F, Dv]
    const mixed = attend(graph, tower, block, layerNorm(graph, stream, block.attentionNorm), 'float32')
    const { normed, sum } = addAndLayerNorm(graph, mixed, stream, block.mlpNorm)
    const branch = mlp(graph, tower, block, normed, 'float32')
    graph.output(
      'stream.out',
      reshape(graph, graph.node('Add', [sum, branch]), [-1, featureCount(tower), width]),
      shape,
    )
    return graph
  })
  const last = new GraphBuilder('vision-exit')
  const stream = last.input('stream', 'float32', shape)
  last.output('features', tower.outputNorm === null ? stream : layerNorm(last, stream, tower.outputNorm), shape)
  return [first, ...blocks, last]
}

/** F, features a frame: one a patch, and one for the class where the tower has it. */
export function featureCount({ patches, classEmbedding }: VisionTower): number {
  return classEmbedding === null ? patches : 1 + patches
}

/** rows [T * F, Dv] -> [T * F, Dv] */
function attend(graph: GraphBuilder, tower: VisionTower, block: VisionBlock, rows: Value, format: MatrixFormat): Value {
  const { width, heads } = tower
  const [query, key, value] = [block.query, block.key, block.value].map((layer) =>
    reshape(graph, linear(graph, rows, layer, format), [-1, featureCount(tower), width]),
  ) as [Value, Value, Value] // [T, F, Dv] each
  const attended = graph.node('MultiHeadAttention', [query, key, value], { num_heads: heads }) // [T, F, Dv]
  return linear(graph, reshape(graph, attended, [-1, width]), block.output, format)
}

/** rows [T * F, Dv] -> [T * F, Dv] */
function mlp(graph: GraphBuilder, tower: VisionTower, block: VisionBlock, rows: Value, format: MatrixFormat): Value {
  const expanded = linear(graph, rows, block.expand, format) // [T * F, MLP width]
  return linear(graph, activate(graph, expanded, tower.activation), block.contract, format)
}

/** [T, 3, H, W] -> [T, F, Dv]: patches row by row, behind the class embedding if there is one, plus positions. */
function embedPatches(graph: GraphBuilder, tower: VisionTower, pixels: Value): Value {
  const { patchPixels, patches, width, patchEmbedding, classEmbedding } = tower
  const side = tower.stem.length === 0 ? patchPixels : 1
  const square = [side, side]
  const bias = patchEmbedding.bias === null ? [] : [graph.exact(patchEmbedding.bias)]
  const grid = graph.node('Conv', [addStem(graph, tower.stem, pixels), graph.exact(patchEmbedding.weight), ...bias], {
    kernel_shape: square,
    strides: square,
  }) // [T, Dv, rows, columns]
  let rows = graph.node('Transpose', [reshape(graph, grid, [0, width, patches])], { perm: [0, 2, 1] }) // [T, P, Dv]
  if (classEmbedding !== null) {
    const frames = graph.node('Shape', [pixels], { start: 0, end: 1 }) // [1], T
    const once = reshape(graph, graph.exact(classEmbedding), [1, 1, width]) // [1, 1, Dv]
    const classShape = graph.node('Concat', [frames, graph.integers([1, width])], { axis: 0 })
    const classRows = graph.node('Expand', [once, classShape]) // [T, 1, Dv]
    rows = graph.node('Concat', [classRows, rows], { axis: 1 }) // [T, 1 + P, Dv]
  }
  return graph.node('Add', [rows, graph.exact(tower.positions)]) // [T, F, Dv]
}
