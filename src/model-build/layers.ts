// The layers that several graphs share. All take and give matrices of two dimensions, rows first, so that a product with
// weights stored [outputs, inputs] (as checkpoints have them) needs no transposed copy.

import { assert, assertNever } from '../assert.ts'
import type { Activation, LinearLayer, NormLayer } from './architecture.ts'
import { float, type GraphBuilder, text, type Value } from './graph-builder.ts'
import { DATA_TYPE } from './onnx-proto.ts'
import type { ProductFormat } from './precision.ts'
import { quantiseMatrix } from './quantise.ts'
import { quantiseColumns } from './quantise-columns.ts'
import { storeFloat16, storeFloat32 } from './store-float.ts'

/** CLIP's approximation of GELU: x * sigmoid(1.702 x). */
const QUICK_GELU_ALPHA = 1.702
/** Products with int8 activations inside a block: 2 to 3 times faster, and the error stays below that of the weights. */
const ACCURACY_LEVEL_INT8 = 4

/** rows [R, inputs] -> [R, outputs] */
export function linear(graph: GraphBuilder, rows: Value, layer: LinearLayer, format: ProductFormat): Value {
  const bias = layer.bias === null ? '' : graph.exact(layer.bias)
  if (format === 'int8' || format === 'int4') {
    const [outputs, inputs] = layer.weight.shape as [number, number]
    const { quanta, scales, bits, blockSize } = quantiseMatrix(layer.weight, format === 'int8' ? 8 : 4)
    return graph.node('MatMulNBits', [rows, graph.weight(quanta), graph.weight(scales), '', '', bias], {
      K: inputs,
      N: outputs,
      bits,
      block_size: blockSize,
      accuracy_level: ACCURACY_LEVEL_INT8,
    })
  }
  if (format === 'w8a8') {
    const { quanta, scales } = quantiseColumns(layer.weight)
    return graph.node('DynamicQuantizeMatMul', [rows, graph.weight(quanta), graph.weight(scales), '', bias])
  }
  if (format === 'half') return halfLinear(graph, rows, layer, bias)
  const weight = format === 'float16' ? widened(graph, layer) : graph.weight(storeFloat32(layer.weight))
  return graph.node('Gemm', bias === '' ? [rows, weight] : [rows, weight, bias], { transB: 1 })
}

/** The product in half precision; what goes in and what comes out is float32. */
function halfLinear(graph: GraphBuilder, rows: Value, layer: LinearLayer, bias: Value): Value {
  const narrow = graph.node('Cast', [rows], { to: DATA_TYPE.float16 })
  const product = graph.node('Gemm', [narrow, graph.weight(storeFloat16(layer.weight))], { transB: 1 })
  const wide = graph.node('Cast', [product], { to: DATA_TYPE.float32 })
  return bias === '' ? wide : graph.node('Add', [wide, bias])
}

/** The runtime folds this when a session opens, so products run in float32. */
function widened(graph: GraphBuilder, layer: LinearLayer): Value {
  return graph.node('Cast', [graph.weight(storeFloat16(layer.weight))], { to: DATA_TYPE.float32 })
}

/** rows [R, D] -> [R, D] */
export function layerNorm(graph: GraphBuilder, rows: Value, norm: NormLayer): Value {
  return graph.node('LayerNormalization', [rows, ...normWeights(graph, norm)], {
    axis: -1,
    epsilon: float(norm.epsilon),
  })
}

/** Norm of a sum, and the sum itself for the next one. Both [R, D]. */
export function addAndLayerNorm(
  graph: GraphBuilder,
  a: Value,
  b: Value,
  norm: NormLayer,
): { normed: Value; sum: Value } {
  const [normed, , , sum] = graph.nodes(
    'SkipLayerNormalization',
    [a, b, ...normWeights(graph, norm)],
    { epsilon: float(norm.epsilon) },
    [true, false, false, true],
  )
  return { normed: normed!, sum: sum! }
}

function normWeights(graph: GraphBuilder, norm: NormLayer): Value[] {
  assert(norm.bias !== null, `${norm.weight.name}: a layer norm has a bias`)
  return [graph.exact(norm.weight), graph.exact(norm.bias)]
}

/** rows [R, D] -> [R, D], divided by their root mean square */
export function rmsNorm(graph: GraphBuilder, rows: Value, norm: NormLayer): Value {
  return graph.node('SimplifiedLayerNormalization', [rows, graph.exact(norm.weight)], {
    axis: -1,
    epsilon: float(norm.epsilon),
    stash_type: 1,
  })
}

/** RMS norm of a sum, and the sum itself for the next one. Both [R, D]. */
export function addAndRmsNorm(graph: GraphBuilder, a: Value, b: Value, norm: NormLayer): { normed: Value; sum: Value } {
  const [normed, , , sum] = graph.nodes(
    'SkipSimplifiedLayerNormalization',
    [a, b, graph.exact(norm.weight)],
    { epsilon: float(norm.epsilon) },
    [true, false, false, true],
  )
  return { normed: normed!, sum: sum! }
}

/** Applies an activation to each value. */
export function activate(graph: GraphBuilder, value: Value, activation: Activation): Value {
  switch (activation) {
    case 'quick-gelu':
      return graph.node('QuickGelu', [value], { alpha: float(QUICK_GELU_ALPHA) })
    case 'gelu':
      return graph.node('Gelu', [value])
    case 'gelu-tanh':
      return graph.node('Gelu', [value], { approximate: text('tanh') })
    default:
      return assertNever(activation)
  }
}

/** Gives a value another shape; -1 is worked out, 0 keeps a dimension. */
export function reshape(graph: GraphBuilder, value: Value, shape: readonly number[]): Value {
  return graph.node('Reshape', [value, graph.integers(shape)])
}
