// The decoder: embeddings of S new positions and the KV cache of those before -> logits of the last position and the new
// rows of the cache. One graph serves prefill (S > 1, in pieces if wanted) and decode steps (S = 1).
// Follows transformers' LlamaForCausalLM, Qwen2ForCausalLM (a bias on query, key and value) and Qwen3ForCausalLM (norms
// over each head); rotary positions are applied inside GroupQueryAttention.
import type { DecoderBlock, LanguageModel, NormLayer } from './architecture.ts'
import { float, GraphBuilder, type Value } from './graph-builder.ts'
import { addAndRmsNorm, linear, reshape, rmsNorm } from './layers.ts'
import type { MatrixFormat } from './precision.ts'
import { rotaryTables } from './rotary-table.ts'

/** QuickGelu with this factor is SiLU, x * sigmoid(x), in one kernel. */
const SILU_ALPHA = 1

/**
 * Builds the graph. Inputs: inputs_embeds [1, S, Dl], past_length int64 [1], seqlens_k int32 [1] (past + S - 1),
 * total_sequence_length int32 scalar (past + S), past.{l}.key and past.{l}.value [1, Hkv, C, Dh] with C >= past + S.
 * Outputs: logits [1, V] of the last position, new.{l}.key and new.{l}.value [1, Hkv, S, Dh].
 */
export function buildDecoderGraph(model: LanguageModel, format: MatrixFormat, headFormat: MatrixFormat): GraphBuilder {
  const graph = new GraphBuilder('decoder')
  const { width, vocabulary } = model
  const embeddings = graph.input('inputs_embeds', 'float32', [1, 'S', width])
  const attention = declareAttention(graph, model, embeddings)

  let stream = reshape(graph, embeddings, [-1, width]) // [S, Dl]
  let branch: Value | null = null // what the last half block adds to the stream
  for (const [index, block] of model.blocks.entries()) {
    let normed: Value
    if (branch === null) normed = rmsNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndRmsNorm(graph, branch, stream, block.attentionNorm))
    const packed = linear(graph, normed, block.queryKeyValue, format) // [S, (H + 2 Hkv) * Dh]
    let mixed = linear(graph, attention(index, packed, block.headNorms), block.output, format) // [S, Dl]
    if (index === model.blocks.length - 1) {
      // Only the last position's logits leave the graph, and from here on no position sees another.
      mixed = lastRow(graph, mixed) // [1, Dl]
      stream = lastRow(graph, stream) // [1, Dl]
    }
    const beforeMlp = addAndRmsNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    branch = gatedMlp(graph, beforeMlp.normed, block, format) // [S, Dl]; [1, Dl] in the last block
  }
  const { normed } = addAndRmsNorm(graph, branch!, stream, model.finalNorm) // [1, Dl]
  graph.output('logits', linear(graph, normed, model.head, headFormat), [1, vocabulary]) // [1, V]
  return graph
}

/** Declares the inputs that attention needs; the function it gives back adds one block's attention and cache rows. */
function declareAttention(graph: GraphBuilder, model: LanguageModel, embeddings: Value) {
  const { heads, keyValueHeads, headWidth, context, rotaryBase } = model
  const pastLength = graph.input('past_length', 'int64', [1])
  const lastIndex = graph.input('seqlens_k', 'int32', [1])
  const totalLength = graph.input('total_sequence_length', 'int32', [])
  const tables = rotaryTables(context, headWidth, rotaryBase)
  const cosines = graph.exact(tables.cosines) // [context, Dh / 2]
  const sines = graph.exact(tables.sines) // [context, Dh / 2]
  const newLength = graph.node('Shape', [embeddings], { start: 1, end: 2 }) // [1], S
  const end = graph.node('Add', [pastLength, newLength]) // [1]
  const axis = graph.integers([2])

  return (block: number, packed: Value, headNorms: DecoderBlock['headNorms']): Value => {
    const pastDimensions = [1, keyValueHeads, 'C', headWidth]
    const pastKey = graph.input(`past.${block}.key`, 'float32', pastDimensions)
    const pastValue = graph.input(`past.${block}.value`, 'float32', pastDimensions)
    const [query, key, value] =
      headNorms === null
        ? [reshape(graph, packed, [1, -1, (heads + 2 * keyValueHeads) * headWidth]), '', '']
        : normedHeads(graph, packed, headNorms, model)
    const [attended, presentKey, presentValue] = graph.nodes(
      'GroupQueryAttention',
      [query, key, value, pastKey, pastValue, lastIndex, totalLength, cosines, sines],
      {
        num_heads: heads,
        kv_num_heads: keyValueHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
        scale: float(headWidth ** -0.5),
      },
      [true, true, true],
    ) as [Value, Value, Value] // [1, S, H * Dh], [1, Hkv, C, Dh] twice
    const newDimensions = [1, keyValueHeads, 'S', headWidth]
    graph.output(`new.${block}.key`, graph.node('Slice', [presentKey, pastLength, end, axis]), newDimensions)
    graph.output(`new.${block}.value`, graph.node('Slice', [presentValue, pastLength, end, axis]), newDimensions)
    return reshape(graph, attended, [-1, heads * headWidth]) // [S, H * Dh]
  }
}

/** packed [S, (H + 2 Hkv) * Dh] -> query [1, S, H * Dh], key and value [1, S, Hkv * Dh], query and key normed by head. */
function normedHeads(
  graph: GraphBuilder,
  packed: Value,
  norms: NonNullable<DecoderBlock['headNorms']>,
  { heads, keyValueHeads, headWidth }: LanguageModel,
): [Value, Value, Value] {
  const widths = [heads * headWidth, keyValueHeads * headWidth, keyValueHeads * headWidth]
  const parts = graph.nodes('Split', [packed, graph.integers(widths)], { axis: 1 }, [true, true, true])
  const normed = (rows: Value, norm: NormLayer) => rmsNorm(graph, reshape(graph, rows, [-1, headWidth]), norm)
  const [query, key, value] = [normed(parts[0]!, norms.query), normed(parts[1]!, norms.key), parts[2]!].map(
    (rows, part) => reshape(graph, rows, [1, -1, widths[part]!]),
  )
  return [query!, key!, value!]
}

/** rows [S, Dl] -> [S, Dl] */
function gatedMlp(graph: GraphBuilder, rows: Value, block: DecoderBlock, format: MatrixFormat): Value {
  const gate = graph.node('QuickGelu', [linear(graph, rows, block.gate, format)], { alpha: float(SILU_ALPHA) })
  const gated = graph.node('Mul', [gate, linear(graph, rows, block.up, format)]) // [S, MLP width]
  return linear(graph, gated, block.down, format)
}

/** rows [S, D] -> [1, D] */
function lastRow(graph: GraphBuilder, rows: Value): Value {
  return graph.node('Gather', [rows, graph.integers([-1])], { axis: 0 })
}
