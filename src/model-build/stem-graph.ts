// The convolutional stem of a tower: pixels [T, 3, H, W] -> [T, width, H / strides, W / strides].
import type { Convolution, StemStage } from './architecture.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'

/** Adds a stem's stages; without any the pixels go on as they are. */
export function addStem(graph: GraphBuilder, stages: readonly StemStage[], pixels: Value): Value {
  let grid = pixels
  for (const { entry, blocks } of stages) {
    grid = convolve(graph, grid, entry) // [T, width, rows, columns]
    for (const { first, second } of blocks) {
      grid = graph.node('Add', [grid, convolve(graph, convolve(graph, grid, first), second)])
    }
  }
  return grid
}

/** A convolution, rectified. */
function convolve(graph: GraphBuilder, grid: Value, { weight, bias, kernel, stride, padding }: Convolution): Value {
  const seen = graph.node('Conv', [grid, graph.exact(weight), graph.exact(bias)], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  })
  return graph.node('Relu', [seen])
}
