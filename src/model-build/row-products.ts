// Products of whole 8-bit numbers on both sides: weights with a scale for each output, rows with a scale for each row. About
// twice as fast as blocks where many rows meet a matrix. What becomes of a row does not depend on the rows beside it, so that
// it is the same in whatever pieces a prompt is read; products with one scale for all rows cannot promise that.
import type { LinearLayer } from './architecture.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { quantiseColumns } from './quantise-columns.ts'

const HIGHEST_QUANTUM = 127
/** The runtime's fastest kernels take rows without a sign, whose zero is in the middle. */
const ZERO_QUANTUM = 128
/** Keeps a row of zeros from a division by zero. */
const LEAST_SCALE = 1e-30

/** Rows [R, K] in whole numbers. */
export interface WholeRows {
  /** uint8 [R, K]: 128 + 127 x / scale */
  readonly quanta: Value
  /** float32 [R, 1], largest magnitude of each row */
  readonly scale: Value
}

/** Quantises rows; several products can read the outcome. */
export function wholeRows(graph: GraphBuilder, rows: Value): WholeRows {
  const largest = graph.node('ReduceMax', [graph.node('Abs', [rows]), graph.integers([1])], { keepdims: 1 })
  const scale = graph.node('Max', [largest, graph.scalar('float32', LEAST_SCALE)])
  const quanta = graph.node('QuantizeLinear', [graph.node('Div', [rows, scale]), ...quantumScale(graph)])
  return { quanta, scale }
}

/** rows [R, K] -> [R, N], of each row its product divided by its scale, without the layer's bias. */
export function rowProduct(graph: GraphBuilder, { quanta }: WholeRows, { weight }: LinearLayer): Value {
  const stored = quantiseColumns(weight)
  const [scale, zero] = quantumScale(graph)
  const weights = [graph.weight(stored.quanta), scale, graph.weight(stored.scales), zero]
  return graph.node('MatMulIntegerToFloat', [quanta, ...weights])
}

/** rows [R, K] -> [R, N], the layer as it is. */
export function rowLinear(graph: GraphBuilder, rows: WholeRows, layer: LinearLayer): Value {
  const product = graph.node('Mul', [rowProduct(graph, rows, layer), rows.scale])
  return layer.bias === null ? product : graph.node('Add', [product, graph.exact(layer.bias)])
}

function quantumScale(graph: GraphBuilder): [Value, Value] {
  return [graph.scalar('float32', 1 / HIGHEST_QUANTUM), graph.scalar('uint8', ZERO_QUANTUM)]
}
