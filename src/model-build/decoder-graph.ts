// The decoder: embeddings of S new positions and the KV cache of those before -> logits of the positions asked for and the
// cache's new rows. One graph serves prefill (S > 1, in pieces if wanted), decode steps (S = 1) and the decode steps of B
// sequences of unlike length together.
// Follows transformers' LlamaForCausalLM, Qwen2ForCausalLM (a bias on query, key and value) and Qwen3ForCausalLM (norms
// over each head); rotary positions are applied by the attention.
import type { DecoderBlock, LanguageModel } from './architecture.ts'
import { declareAttention } from './decoder-attention.ts'
import { float, GraphBuilder, type Value } from './graph-builder.ts'
import { addAndRmsNorm, linear, reshape, rmsNorm } from './layers.ts'
import type { ProductFormat } from './precision.ts'

/** QuickGelu with this factor is SiLU, x * sigmoid(x), in one kernel. */
export const SILU_ALPHA = 1

/**
 * Builds the graph. Inputs: inputs_embeds [B, S, Dl], where B or S is 1; logit_rows int64 [N], which of the B * S
 * positions logits are wanted of; past_length int64 [1]; seqlens_k int32 [B] (past + S - 1 of each sequence);
 * total_sequence_length int32 scalar (the largest past + S); past.{l}.key and past.{l}.value [B, Hkv, C, Dh] with
 * C >= past + S; in families whose places have three parts places int64 [B * S, 3], too.
 * Outputs: logits [N, V]; for B = 1 the rows that the run added to the cache, new.{l}.key and new.{l}.value
 * [1, Hkv, S, Dh]; the whole cache, present.{l}.key and present.{l}.value [B, Hkv, C, Dh], meant to be written where the
 * past was read from, without a copy; and before them all `written`, an empty sequence that makes that possible.
 */
export function buildDecoderGraph(
  model: LanguageModel,
  format: ProductFormat,
  headFormat: ProductFormat,
): GraphBuilder {
  const graph = new GraphBuilder('decoder')
  const { width, vocabulary } = model
  const embeddings = graph.input('inputs_embeds', 'float32', ['B', 'S', width])
  const logitRows = graph.input('logit_rows', 'int64', ['N'])
  graph.emptySequence('written') // the first of the outputs
  const attention = declareAttention(graph, model, embeddings, { givesNewRows: true })

  let stream = reshape(graph, embeddings, [-1, width]) // [B * S, Dl]; B is 1 in the comments below
  let branch: Value | null = null // what the last half block adds to the stream
  for (const [index, block] of model.blocks.entries()) {
    let normed: Value
    if (branch === null) normed = rmsNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndRmsNorm(graph, branch, stream, block.attentionNorm))
    const packed = linear(graph, normed, block.queryKeyValue, format) // [S, (H + 2 Hkv) * Dh]
    let mixed = linear(graph, attention(index, packed, block.headNorms), block.output, format) // [S, Dl]
    if (index === model.blocks.length - 1) {
      // Logits are wanted of a few positions, mostly the last, and from here on no position sees another.
      mixed = graph.node('Gather', [mixed, logitRows], { axis: 0 }) // [N, Dl]
      stream = graph.node('Gather', [stream, logitRows], { axis: 0 }) // [N, Dl]
    }
    const beforeMlp = addAndRmsNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    branch = gatedMlp(graph, beforeMlp.normed, block, format) // [S, Dl]; [N, Dl] in the last block
  }
  const { normed } = addAndRmsNorm(graph, branch!, stream, model.finalNorm) // [N, Dl]
  graph.output('logits', linear(graph, normed, model.head, headFormat), ['N', vocabulary]) // [N, V]
  return graph
}

/**
 * Builds the graph of one block alone, for models that are run block by block: inputs as those of the decoder but for
 * logit_rows, with past.0; output stream [S, Dl], what enters the next block.
 */
export function buildDecoderBlockGraph(model: LanguageModel, block: DecoderBlock, format: ProductFormat): GraphBuilder {
  const graph = new GraphBuilder('decoder-block')
  const embeddings = graph.input('inputs_embeds', 'float32', ['B', 'S', model.width])
  const attention = declareAttention(graph, model, embeddings, { givesNewRows: true })
  const stream = reshape(graph, embeddings, [-1, model.width]) // [S, Dl]
  const packed = linear(graph, rmsNorm(graph, stream, block.attentionNorm), block.queryKeyValue, format)
  const mixed = linear(graph, attention(0, packed, block.headNorms), block.output, format) // [S, Dl]
  const { normed, sum } = addAndRmsNorm(graph, mixed, stream, block.mlpNorm)
  const branch = gatedMlp(graph, normed, block, format)
  graph.output('stream', graph.node('Add', [sum, branch]), ['S', model.width])
  return graph
}

/** An MLP with a gate: rows [R, D] -> [R, D] */
export function gatedMlp(
  graph: GraphBuilder,
  rows: Value,
  block: Pick<DecoderBlock, 'gate' | 'up' | 'down'>,
  format: ProductFormat,
): Value {
  const gate = graph.node('QuickGelu', [linear(graph, rows, block.gate, format)], { alpha: float(SILU_ALPHA) })
  const gated = graph.node('Mul', [gate, linear(graph, rows, block.up, format)]) // [R, MLP width]
  return linear(graph, gated, block.down, format)
}
