// Token embeddings: token_ids int64 [S] -> embeddings [S, Dl].

import { GraphBuilder } from './graph-builder.ts'
import { DATA_TYPE } from './onnx-proto.ts'
import { storeFloat16, storeFloat32 } from './store-float.ts'
import type { WeightSource } from './weight-source.ts'

/** Builds the graph. @param table [V, Dl] */
export function buildEmbedTokensGraph(table: WeightSource, format: 'float32' | 'float16'): GraphBuilder {
  const graph = new GraphBuilder('embed-tokens')
  const ids = graph.input('token_ids', 'int64', ['S'])
  const stored = graph.weight(format === 'float16' ? storeFloat16(table) : storeFloat32(table)) // [V, Dl]
  const rows = graph.node('Gather', [stored, ids], { axis: 0 }) // [S, Dl]
  // Widened after the rows were picked, so the table stays half as large in memory too.
  const embeddings = format === 'float16' ? graph.node('Cast', [rows], { to: DATA_TYPE.float32 }) : rows
  graph.output('embeddings', embeddings, ['S', table.shape[1]!])
  return graph
}
