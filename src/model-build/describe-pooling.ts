// The temporal module of a Valley checkpoint; the flags and names of the published code.
import { AppError } from '../errors.ts'
import type { Pooling, TransformerPooling } from './architecture.ts'
import type { CheckpointConfig } from './checkpoint-config.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'

const ENCODER = 'model.transformer_delta_encoder.layers.0'
const POSITIONS = 'model.position_matrix'
/** As source: fixed in code, not in the config. */
const TRANSFORMER_HEADS = 8
/** PyTorch's default for a transformer layer. */
const TRANSFORMER_EPSILON = 1e-5

/**
 * Describes the temporal module.
 * @param patches P
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape; CHECKPOINT_UNSUPPORTED when heads do not divide Dl
 */
export function describePooling(config: CheckpointConfig, weights: CheckpointWeights, patches: number): Pooling {
  // As source: with both flags the transformer wins.
  if (config.use_delta_transformer) return describeTransformer(config.hidden_size, weights)
  if (config.use_patch_importance_pooling) {
    return { kind: 'importance', score: weights.linear('model.pooling_layer', 1, patches * config.hidden_size, true) }
  }
  return { kind: 'mean' }
}

function describeTransformer(width: number, weights: CheckpointWeights): TransformerPooling {
  if (width % TRANSFORMER_HEADS !== 0) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `Transformer pooling has ${TRANSFORMER_HEADS} heads, which do not divide hidden_size ${width}. Choose another checkpoint.`,
      { details: { width } },
    )
  }
  const mlpWidth = weights.shapeOf(`${ENCODER}.linear1.weight`)?.[0] ?? 2048
  const rows = weights.shapeOf(POSITIONS)?.[0] ?? 2048
  const projections = weights.split(`${ENCODER}.self_attn.in_proj_weight`, [3 * width, width], 3)
  const biases = weights.split(`${ENCODER}.self_attn.in_proj_bias`, [3 * width], 3)
  const [query, key, value] = [0, 1, 2].map((part) => ({ weight: projections[part]!, bias: biases[part]! }))
  return {
    kind: 'transformer',
    heads: TRANSFORMER_HEADS,
    positions: weights.take(POSITIONS, [rows, width]),
    query: query!,
    key: key!,
    value: value!,
    output: weights.linear(`${ENCODER}.self_attn.out_proj`, width, width, true),
    attentionNorm: weights.norm(`${ENCODER}.norm1`, width, true, TRANSFORMER_EPSILON),
    expand: weights.linear(`${ENCODER}.linear1`, mlpWidth, width, true),
    contract: weights.linear(`${ENCODER}.linear2`, width, mlpWidth, true),
    mlpNorm: weights.norm(`${ENCODER}.norm2`, width, true, TRANSFORMER_EPSILON),
  }
}
