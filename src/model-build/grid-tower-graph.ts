// The vision encoder for grids of any size: patches [N, K] and where they lie -> features [1, N / M, M * Dv], M patches of a
// token side by side. Most blocks look within windows, which are laid out as a batch; where an edge cuts a window, slots that
// hold no patch of it are masked. Follows transformers' Qwen2VisionTransformerPretrainedModel and
// Qwen2_5_VisionTransformerPretrainedModel up to the norm of their mergers.
import type { GridBlock, GridTower, NormLayer } from './architecture.ts'
import { gatedMlp } from './decoder-graph.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { activate, addAndLayerNorm, addAndRmsNorm, layerNorm, linear, reshape, rmsNorm } from './layers.ts'
import { DATA_TYPE } from './onnx-proto.ts'
import type { MatrixFormat } from './precision.ts'
import { rotaryFrequencies } from './rotary-table.ts'
import { type Turns, turnsByPlace } from './turns-by-place.ts'

/** How a grid's patches lie: values that all blocks share. */
interface GridLayout extends Turns {
  readonly windows: Windows | null
}

/** U; [W * U], patches in windows; [W, 1, U, U], what attention adds so that nobody looks at empty slots; [N], the way back. */
interface Windows {
  readonly slotsEach: number
  readonly slots: Value
  readonly bias: Value
  readonly slotOfPatch: Value
}

/** No patch's weight is seen beside this in float32. */
const UNSEEN = 10_000

/** Builds the graph. Inputs: patches, and those of gridTensors in src/valley/patch-grid.ts. */
export function buildGridTowerGraph(tower: GridTower, format: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('vision-encoder')
  const stream = embedPatches(graph, tower)
  const layout = declareLayout(graph, tower)
  const last = tower.blocks.reduce((rows, block) => addBlock(graph, tower, block, rows, layout, format), stream)
  addExit(graph, tower, last)
  return graph
}

/** Builds the tower as a row of graphs, for models that are run block by block: patches to stream [N, Dv], to features. */
export function buildGridTowerPieces(tower: GridTower): GraphBuilder[] {
  const shape = ['N', tower.width]
  const first = new GraphBuilder('vision-entry')
  first.output('stream.out', embedPatches(first, tower), shape)
  const blocks = tower.blocks.map((block) => {
    const graph = new GraphBuilder('vision-block')
    const stream = graph.input('stream', 'float32', shape)
    const layout = declareLayout(graph, tower)
    graph.output('stream.out', addBlock(graph, tower, block, stream, layout, 'float32'), shape)
    return graph
  })
  const last = new GraphBuilder('vision-exit')
  addExit(last, tower, last.input('stream', 'float32', shape))
  return [first, ...blocks, last]
}

/** [N, K] -> [N, Dv] */
function embedPatches(graph: GraphBuilder, { patchEmbedding }: GridTower): Value {
  const patches = graph.input('patches', 'float32', ['N', patchEmbedding.weight.shape[1]!])
  return linear(graph, patches, patchEmbedding, 'float32')
}

function declareLayout(graph: GraphBuilder, { width, heads, rotaryBase, grid }: GridTower): GridLayout {
  const places = graph.input('patch_places', 'float32', ['N', 2])
  const quarter = width / heads / 4
  const frequencies = rotaryFrequencies(quarter, rotaryBase)
  // One half of the pairs is turned by the row, the other by the column.
  const parts = [0, 1].flatMap((part) => new Array<number>(quarter).fill(part))
  const both = Float32Array.of(...frequencies, ...frequencies)
  return {
    ...turnsByPlace(graph, places, parts, both, 'tower.frequencies'),
    windows: grid.windowPatches === null ? null : declareWindows(graph, grid.windowPatches),
  }
}

function declareWindows(graph: GraphBuilder, windowPatches: number): Windows {
  const slotsEach = windowPatches ** 2
  const slots = reshape(graph, graph.input('window_slots', 'int64', ['W', slotsEach]), [-1])
  const held = graph.node('Cast', [graph.input('window_mask', 'int32', ['W', slotsEach])], { to: DATA_TYPE.float32 })
  const lack = graph.node('Sub', [held, graph.scalar('float32', 1)]) // [W, U], 0 and -1
  const line = reshape(graph, graph.node('Mul', [lack, graph.scalar('float32', UNSEEN)]), [-1, 1, 1, slotsEach])
  return {
    slotsEach,
    slots,
    // WebGPU has no kernel for a mask of keys; here each query has the line of its window.
    bias: graph.node('Expand', [line, graph.integers([1, 1, slotsEach, 1])]),
    slotOfPatch: graph.input('slot_of_patch', 'int64', ['N']),
  }
}

/** rows [N, Dv] -> [N, Dv] */
function addBlock(
  graph: GraphBuilder,
  tower: GridTower,
  block: GridBlock,
  rows: Value,
  layout: GridLayout,
  format: MatrixFormat,
): Value {
  const mixed = attend(graph, tower, block, norm(graph, rows, block.attentionNorm), layout, format)
  const { mlpNorm, mlp } = block
  const both = mlpNorm.bias === null ? addAndRmsNorm : addAndLayerNorm
  const { normed, sum } = both(graph, mixed, rows, mlpNorm)
  return graph.node('Add', [sum, addMlp(graph, mlp, normed, format)])
}

/** rows [N, Dv] -> [N, Dv] */
function addMlp(graph: GraphBuilder, mlp: GridBlock['mlp'], rows: Value, format: MatrixFormat): Value {
  if (mlp.kind === 'gated') return gatedMlp(graph, rows, mlp, format)
  const expanded = activate(graph, linear(graph, rows, mlp.expand, format), mlp.activation)
  return linear(graph, expanded, mlp.contract, format)
}

function norm(graph: GraphBuilder, rows: Value, layer: NormLayer): Value {
  return layer.bias === null ? rmsNorm(graph, rows, layer) : layerNorm(graph, rows, layer)
}

/** rows [N, Dv] -> [N, Dv] */
function attend(
  graph: GraphBuilder,
  { width, heads }: GridTower,
  block: GridBlock,
  rows: Value,
  { cosines, sines, windows }: GridLayout,
  format: MatrixFormat,
): Value {
  const packed = linear(graph, rows, block.queryKeyValue, format) // [N, 3 Dv]
  const widths = graph.integers([width, width, width])
  const [query, key, value] = graph.nodes('Split', [packed, widths], { axis: 1 }, [true, true, true])
  const turned = (part: Value) =>
    graph.node('RotaryEmbedding', [reshape(graph, part, [1, -1, width]), graph.integers([0]), cosines, sines]) // [1, N, Dv]
  const parts = [turned(query!), turned(key!), reshape(graph, value!, [1, -1, width])]
  const attributes = { num_heads: heads }
  if (block.seesAll || windows === null) {
    const attended = graph.node('MultiHeadAttention', parts, attributes) // [1, N, Dv]
    return linear(graph, reshape(graph, attended, [-1, width]), block.output, format)
  }
  const inWindows = parts.map((part) =>
    reshape(graph, graph.node('Gather', [part, windows.slots], { axis: 1 }), [-1, windows.slotsEach, width]),
  ) // [W, U, Dv] each
  const attended = graph.node('MultiHeadAttention', [...inWindows, '', '', windows.bias], attributes) // [W, U, Dv]
  const back = graph.node('Gather', [reshape(graph, attended, [-1, width]), windows.slotOfPatch], { axis: 0 }) // [N, Dv]
  return linear(graph, back, block.output, format)
}

/** rows [N, Dv] -> features [1, N / M, M * Dv] */
function addExit(graph: GraphBuilder, { outputNorm, width, grid }: GridTower, rows: Value): void {
  const wide = width * grid.mergePatches ** 2
  graph.output('features', reshape(graph, norm(graph, rows, outputNorm), [1, -1, wide]), [1, 'G', wide])
}
