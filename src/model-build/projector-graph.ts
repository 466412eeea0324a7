// The projector: features [T, N, Dv] -> projected [T, N, Dl], the same layers for every feature. N is fixed for families
// whose frames all bring as many features; families that pool video and pictures differently leave it open.
import type { Projector } from './architecture.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { activate, layerNorm, linear, reshape } from './layers.ts'
import type { MatrixFormat } from './precision.ts'

/**
 * Builds the graph. A family with a newline row gets it as a second output, newline [1, Dl].
 * @param features N, or null to leave it open
 */
export function buildProjectorGraph(projector: Projector, features: number | null, format: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('projector')
  const inputWidth = projector.layers[0]!.weight.shape[1]!
  const outputWidth = projector.layers.at(-1)!.weight.shape[0]!
  const input = graph.input('features', 'float32', ['T', features ?? 'N', inputWidth])
  let rows = reshape(graph, input, [-1, inputWidth]) // [T * N, Dv]
  if (projector.inputNorm !== null) rows = layerNorm(graph, rows, projector.inputNorm)
  for (const [index, layer] of projector.layers.entries()) {
    if (index > 0) rows = activate(graph, rows, projector.activation)
    rows = linear(graph, rows, layer, format)
  }
  // [T * N, Dl] -> [T, N, Dl]
  graph.output('projected', splitFrames(graph, input, rows, features, outputWidth), ['T', features ?? 'N', outputWidth])
  if (projector.newline !== null) {
    graph.output('newline', reshape(graph, graph.exact(projector.newline), [1, outputWidth]), [1, outputWidth])
  }
  return graph
}

function splitFrames(graph: GraphBuilder, input: Value, rows: Value, features: number | null, width: number): Value {
  if (features !== null) return reshape(graph, rows, [-1, features, width])
  const frames = graph.node('Shape', [input], { start: 0, end: 2 }) // [2], T and N
  const shape = graph.node('Concat', [frames, graph.integers([width])], { axis: 0 })
  return graph.node('Reshape', [rows, shape])
}
