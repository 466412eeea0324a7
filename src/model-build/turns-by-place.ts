// Cosines and sines that are computed when a graph runs, where places have parts of their own for rows, columns and time.
import type { GraphBuilder, Value } from './graph-builder.ts'
import { DATA_TYPE } from './onnx-proto.ts'
import { computedWeight } from './weight-source.ts'

/** [N, Dh / 2] each. */
export interface Turns {
  readonly cosines: Value
  readonly sines: Value
}

/**
 * Adds the cosines and sines. A GPU's own may be wrong by 5e-4, and by more at large angles: Vulkan promises no better. No
 * GPU takes float64, so that these few values are always computed by the CPU. The angles are rounded to float32 before, as
 * source.
 * @param places [N, P], whole numbers or float32
 * @param parts which of the P places turns each pair of values
 * @param frequencies by how much, a pair
 * @param name of the weight that holds them
 */
export function turnsByPlace(
  graph: GraphBuilder,
  places: Value,
  parts: readonly number[],
  frequencies: Float32Array,
  name: string,
): Turns {
  const wide = (value: Value) => graph.node('Cast', [value], { to: DATA_TYPE.float64 })
  const narrow = (value: Value) => graph.node('Cast', [value], { to: DATA_TYPE.float32 })
  const byPair = graph.node('Gather', [wide(places), graph.integers(parts)], { axis: 1 }) // [N, Dh / 2]
  const factors = wide(graph.exact(computedWeight(name, [parts.length], frequencies)))
  const angles = wide(narrow(graph.node('Mul', [byPair, factors])))
  return { cosines: narrow(graph.node('Cos', [angles])), sines: narrow(graph.node('Sin', [angles])) }
}
