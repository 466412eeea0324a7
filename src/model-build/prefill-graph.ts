// What reads prompts fast: the decoder's blocks with products of whole 8-bit numbers, up to where the last block's keys and
// values are known. It gives no logits, so it has neither a head nor what comes after the last attention; a prompt's last
// token is run by the decoder, which reads from the same KV cache.
import type { DecoderBlock, LanguageModel } from './architecture.ts'
import { declareAttention } from './decoder-attention.ts'
import { SILU_ALPHA } from './decoder-graph.ts'
import { float, GraphBuilder, type Value } from './graph-builder.ts'
import { addAndRmsNorm, reshape, rmsNorm } from './layers.ts'
import { rowLinear, rowProduct, wholeRows } from './row-products.ts'

/**
 * Builds the graph. Inputs as those of the decoder but for logit_rows and past_length, B being 1; outputs the whole cache,
 * present.{l}.key and present.{l}.value, meant to be written where the past was read from, and before them `written`.
 */
export function buildPrefillGraph(model: LanguageModel): GraphBuilder {
  const graph = new GraphBuilder('prefill')
  const embeddings = graph.input('inputs_embeds', 'float32', ['B', 'S', model.width])
  graph.emptySequence('written') // the first of the outputs
  const attention = declareAttention(graph, model, embeddings, { givesNewRows: false })
  let stream = reshape(graph, embeddings, [-1, model.width]) // [S, Dl]
  let branch: Value | null = null // what the last half block adds to the stream
  for (const [index, block] of model.blocks.entries()) {
    let normed: Value
    if (branch === null) normed = rmsNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndRmsNorm(graph, branch, stream, block.attentionNorm))
    const packed = rowLinear(graph, wholeRows(graph, normed), block.queryKeyValue) // [S, (H + 2 Hkv) * Dh]
    const attended = attention(index, packed, block.headNorms) // [S, H * Dh]
    if (index === model.blocks.length - 1) break
    const mixed = rowLinear(graph, wholeRows(graph, attended), block.output) // [S, Dl]
    const beforeMlp = addAndRmsNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    branch = gatedMlp(graph, beforeMlp.normed, block) // [S, Dl]
  }
  return graph
}

/** rows [S, Dl] -> [S, Dl] */
function gatedMlp(graph: GraphBuilder, normed: Value, block: DecoderBlock): Value {
  const rows = wholeRows(graph, normed)
  const gate = graph.node('QuickGelu', [rowLinear(graph, rows, block.gate)], { alpha: float(SILU_ALPHA) })
  // The other half goes on without its rows' scales, which come in again at the end, where rows are narrow.
  const up = rowProduct(graph, rows, block.up)
  const gated = wholeRows(graph, graph.node('Mul', [gate, up])) // [S, MLP width]
  const scale = graph.node('Mul', [gated.scale, rows.scale]) // [S, 1]
  return graph.node('Mul', [rowProduct(graph, gated, block.down), scale])
}
