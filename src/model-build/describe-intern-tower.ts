// InternViT, InternVL's tower: a class feature, no norm at either end, and a scale on what each half block adds. The scales are
// folded into the layers before them, (scale W) x + scale b, so the graph knows nothing of them.
import type { LinearLayer, VisionBlock, VisionTower } from './architecture.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import type { TowerFacts } from './tower-facts.ts'
import { scaledRows, type WeightSource } from './weight-source.ts'

/**
 * Describes the tower up to the selected block.
 * @param prefix where its tensors stand
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export function describeInternTower(facts: TowerFacts, prefix: string, weights: CheckpointWeights): VisionTower {
  const { width, imagePixels, patchPixels, channels, heads, activation } = facts
  const patches = Math.floor(imagePixels / patchPixels) ** 2
  const projection = `${prefix}.embeddings.patch_embeddings.projection`
  return {
    imagePixels,
    patchPixels,
    channels,
    patches,
    width,
    heads,
    activation,
    classEmbedding: weights.take(`${prefix}.embeddings.cls_token`, [1, 1, width]),
    stem: [],
    patchEmbedding: {
      weight: weights.take(`${projection}.weight`, [width, channels, patchPixels, patchPixels]),
      bias: weights.take(`${projection}.bias`, [width]),
    },
    positions: weights.take(`${prefix}.embeddings.position_embeddings`, [1, 1 + patches, width]),
    inputNorm: null,
    blocks: Array.from({ length: facts.blocks }, (_, index) =>
      describeBlock(facts, `${prefix}.encoder.layer.${index}`, weights),
    ),
    outputNorm: null,
  }
}

function describeBlock(facts: TowerFacts, name: string, weights: CheckpointWeights): VisionBlock {
  const { width, mlpWidth, epsilon, attentionBias } = facts
  const attention = `${name}.attention`
  return {
    attentionNorm: weights.norm(`${name}.layernorm_before`, width, true, epsilon),
    query: weights.linear(`${attention}.q_proj`, width, width, attentionBias),
    key: weights.linear(`${attention}.k_proj`, width, width, attentionBias),
    value: weights.linear(`${attention}.v_proj`, width, width, attentionBias),
    output: scaled(
      weights.linear(`${attention}.projection_layer`, width, width, true),
      weights.take(`${name}.lambda_1`, [width]),
    ),
    mlpNorm: weights.norm(`${name}.layernorm_after`, width, true, epsilon),
    expand: weights.linear(`${name}.mlp.fc1`, mlpWidth, width, true),
    contract: scaled(
      weights.linear(`${name}.mlp.fc2`, width, mlpWidth, true),
      weights.take(`${name}.lambda_2`, [width]),
    ),
  }
}

function scaled({ weight, bias }: LinearLayer, scale: WeightSource): LinearLayer {
  return { weight: scaledRows(weight, scale), bias: bias === null ? null : scaledRows(bias, scale) }
}
