// Towers of checkpoints in the names of transformers: CLIP's and SigLIP's, which differ by a class embedding, a norm at the
// input and a bias of the patches. InternViT has names of its own; see describe-intern-tower.ts.
import type { VisionBlock, VisionTower } from './architecture.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import { describeInternTower } from './describe-intern-tower.ts'
import { describeStem } from './describe-stem.ts'
import type { TowerFacts } from './tower-facts.ts'

/**
 * Describes a tower up to the selected block.
 * @param prefix where its tensors stand
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export function describeTower(facts: TowerFacts, prefix: string, weights: CheckpointWeights): VisionTower {
  if (facts.kind === 'internvit') return describeInternTower(facts, prefix, weights)
  const { width, imagePixels, patchPixels, channels, heads, activation, epsilon } = facts
  const isClip = facts.kind === 'clip'
  const patches = Math.floor(imagePixels / patchPixels) ** 2
  const embeddings = `${prefix}.embeddings`
  const patch = `${embeddings}.patch_embedding`
  const [last] = facts.stem.slice(-1)
  return {
    imagePixels,
    patchPixels,
    channels,
    patches,
    width,
    heads,
    activation,
    classEmbedding: isClip ? weights.take(`${embeddings}.class_embedding`, [width]) : null,
    stem: describeStem(facts.stem, channels, patch, weights),
    patchEmbedding:
      last === undefined
        ? {
            weight: weights.take(`${patch}.weight`, [width, channels, patchPixels, patchPixels]),
            bias: isClip ? null : weights.take(`${patch}.bias`, [width]),
          }
        : { weight: weights.take(`${patch}.projection.weight`, [width, last.width, 1, 1]), bias: null },
    positions: weights.take(`${embeddings}.position_embedding.weight`, [patches + (isClip ? 1 : 0), width]),
    // As source: the name is misspelt.
    inputNorm: isClip ? weights.norm(`${prefix}.pre_layrnorm`, width, true, epsilon) : null,
    blocks: Array.from({ length: facts.blocks }, (_, index) =>
      describeBlock(facts, `${prefix}.encoder.layers.${index}`, weights),
    ),
    outputNorm: facts.outputNorm ? weights.norm(`${prefix}.post_layernorm`, width, true, epsilon) : null,
  }
}

function describeBlock(
  { width, mlpWidth, epsilon }: TowerFacts,
  name: string,
  weights: CheckpointWeights,
): VisionBlock {
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

/** True for tensors that act only behind the selected block: later blocks, the last norm, a head for other uses. */
export function isBehindTower(name: string, prefix: string, blocks: number): boolean {
  if (!name.startsWith(`${prefix}.`)) return false
  const rest = name.slice(prefix.length + 1)
  if (rest.startsWith('post_layernorm.') || rest.startsWith('head.')) return true
  return /^encoder\.layers?\./.test(rest) && Number(rest.split('.')[2]) >= blocks
}
