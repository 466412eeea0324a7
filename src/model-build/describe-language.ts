// The decoder of a Valley checkpoint: LLaMA's names under model.
import type { DecoderBlock, LanguageModel } from './architecture.ts'
import type { CheckpointConfig } from './checkpoint-config.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import { stackRows } from './weight-source.ts'

/** LLaMA's own default, which old configs leave out. */
const DEFAULT_ROTARY_BASE = 10000

/**
 * Describes the decoder.
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export function describeLanguage(config: CheckpointConfig, weights: CheckpointWeights): LanguageModel {
  const width = config.hidden_size
  const vocabulary = config.vocab_size
  const embedding = weights.take('model.embed_tokens.weight', [vocabulary, width])
  const sizes = headSizes(config)
  return {
    width,
    ...sizes,
    vocabulary,
    context: config.max_position_embeddings,
    rotaryBase: config.rope_parameters?.rope_theta ?? config.rope_theta ?? DEFAULT_ROTARY_BASE,
    embedding,
    blocks: Array.from({ length: config.num_hidden_layers }, (_, index) => describeBlock(config, weights, index)),
    finalNorm: weights.norm('model.norm', width, false, config.rms_norm_eps),
    head: config.tie_word_embeddings
      ? { weight: embedding, bias: null }
      : weights.linear('lm_head', vocabulary, width, false),
  }
}

/** Head counts and width; the width is stated or what the heads leave. */
export function headSizes(config: CheckpointConfig): { heads: number; keyValueHeads: number; headWidth: number } {
  const heads = config.num_attention_heads
  return {
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    headWidth: config.head_dim ?? config.hidden_size / heads,
  }
}

function describeBlock(config: CheckpointConfig, weights: CheckpointWeights, index: number): DecoderBlock {
  const name = `model.layers.${index}`
  const { hidden_size: width, intermediate_size: mlpWidth, rms_norm_eps: epsilon } = config
  const { heads, keyValueHeads, headWidth } = headSizes(config)
  const keyValueWidth = keyValueHeads * headWidth
  const packed = stackRows(`${name}.self_attn.qkv_proj.weight`, [
    weights.take(`${name}.self_attn.q_proj.weight`, [heads * headWidth, width]),
    weights.take(`${name}.self_attn.k_proj.weight`, [keyValueWidth, width]),
    weights.take(`${name}.self_attn.v_proj.weight`, [keyValueWidth, width]),
  ])
  return {
    attentionNorm: weights.norm(`${name}.input_layernorm`, width, false, epsilon),
    queryKeyValue: { weight: packed, bias: null },
    output: weights.linear(`${name}.self_attn.o_proj`, width, heads * headWidth, false),
    mlpNorm: weights.norm(`${name}.post_attention_layernorm`, width, false, epsilon),
    gate: weights.linear(`${name}.mlp.gate_proj`, mlpWidth, width, false),
    up: weights.linear(`${name}.mlp.up_proj`, mlpWidth, width, false),
    down: weights.linear(`${name}.mlp.down_proj`, width, mlpWidth, false),
  }
}
