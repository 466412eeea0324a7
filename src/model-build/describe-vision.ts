// The tower of a Valley checkpoint: CLIP's names under model.vision_tower.vision_model.
import type { VisionBlock, VisionTower } from './architecture.ts'
import type { CheckpointConfig } from './checkpoint-config.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'

/** Where the tower's tensors stand. */
export const VISION_PREFIX = 'model.vision_tower.vision_model'

/**
 * Describes the tower up to the selected block.
 * @param blockCount blocks to run
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export function describeVision(config: CheckpointConfig, weights: CheckpointWeights, blockCount: number): VisionTower {
  const vision = config.vision_config
  const width = vision.hidden_size
  const patches = Math.floor(vision.image_size / vision.patch_size) ** 2
  const patchShape = [width, vision.num_channels, vision.patch_size, vision.patch_size]
  return {
    imagePixels: vision.image_size,
    patchPixels: vision.patch_size,
    channels: vision.num_channels,
    patches,
    width,
    heads: vision.num_attention_heads,
    activation: vision.hidden_act === 'gelu' ? 'gelu' : 'quick-gelu',
    classEmbedding: weights.take(`${VISION_PREFIX}.embeddings.class_embedding`, [width]),
    patchEmbedding: weights.take(`${VISION_PREFIX}.embeddings.patch_embedding.weight`, patchShape),
    positions: weights.take(`${VISION_PREFIX}.embeddings.position_embedding.weight`, [1 + patches, width]),
    // As source: the name is misspelt.
    inputNorm: weights.norm(`${VISION_PREFIX}.pre_layrnorm`, width, true, vision.layer_norm_eps),
    blocks: Array.from({ length: blockCount }, (_, index) => describeBlock(vision, weights, index)),
  }
}

function describeBlock(
  vision: CheckpointConfig['vision_config'],
  weights: CheckpointWeights,
  index: number,
): VisionBlock {
  const name = `${VISION_PREFIX}.encoder.layers.${index}`
  const { hidden_size: width, intermediate_size: mlpWidth, layer_norm_eps: epsilon } = vision
  return {
    attentionNorm: weights.norm(`${name}.layer_norm1`, width, true, epsilon),
    query: weights.linear(`${name}.self_attn.q_proj`, width, width, true),
    key: weights.linear(`${name}.self_attn.k_proj`, width, width, true),
    value: weights.linear(`${name}.self_attn.v_proj`, width, width, true),
    output: weights.linear(`${name}.self_attn.out_proj`, width, width, true),
    mlpNorm: weights.norm(`${name}.layer_norm2`, width, true, epsilon),
    expand: weights.linear(`${name}.mlp.fc1`, mlpWidth, width, true),
    contract: weights.linear(`${name}.mlp.fc2`, width, mlpWidth, true),
  }
}
