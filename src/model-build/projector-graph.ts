// The projector: features [T, 1 + P, Dv] -> projected [T, 1 + P, Dl], one linear layer for class and patch features.
import type { LinearLayer } from './architecture.ts'
import { GraphBuilder } from './graph-builder.ts'
import { linear, reshape } from './layers.ts'
import type { MatrixFormat } from './precision.ts'

/** Builds the graph. @param patches P */
export function buildProjectorGraph(projector: LinearLayer, patches: number, format: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('projector')
  const [languageWidth, visionWidth] = projector.weight.shape as [number, number]
  const features = graph.input('features', 'float32', ['T', 1 + patches, visionWidth])
  const rows = linear(graph, reshape(graph, features, [-1, visionWidth]), projector, format) // [T * (1 + P), Dl]
  graph.output('projected', reshape(graph, rows, [-1, 1 + patches, languageWidth]), ['T', 1 + patches, languageWidth])
  return graph
}
