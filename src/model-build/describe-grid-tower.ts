// Qwen2-VL's and Qwen2.5-VL's towers in the names of their checkpoints, and the two layers behind them that make tokens of
// patches.
import type { Activation, GridBlock, GridTower, Projector } from './architecture.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import { elementsOf } from './weight-source.ts'

/** As source: fixed in code, not in the config. */
const EPSILON = 1e-6

/** What a config says of a grid tower. */
export interface GridTowerFacts
  extends Pick<GridTower, 'imagePixels' | 'patchPixels' | 'width' | 'heads' | 'rotaryBase'> {
  readonly grid: GridTower['grid']
  readonly channels: number
  readonly mlpWidth: number
  readonly blocks: number
  /** Between the two layers of an MLP, whose block has layer norms; null for MLPs with a gate and RMS norms. */
  readonly activation: Activation | null
  /** Indices of the blocks that look at the whole grid; null for all. */
  readonly seeingAll: readonly number[] | null
}

/** Describes the tower. @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape */
export function describeGridTower(facts: GridTowerFacts, weights: CheckpointWeights): GridTower {
  const { imagePixels, patchPixels, width, heads, rotaryBase, grid } = facts
  const patch = [facts.channels, grid.framesTogether, patchPixels, patchPixels]
  // The filters do not overlap, so that each patch is multiplied as a row.
  const name = 'visual.patch_embed.proj.weight'
  const filters = weights.take(name, [width, ...patch])
  return {
    imagePixels,
    patchPixels,
    patches: (imagePixels / patchPixels) ** 2,
    width,
    heads,
    rotaryBase,
    grid,
    patchEmbedding: { weight: { name, shape: [width, elementsOf(patch)], chunks: filters.chunks }, bias: null },
    blocks: Array.from({ length: facts.blocks }, (_, index) => describeBlock(facts, index, weights)),
    outputNorm: weights.norm('visual.merger.ln_q', width, facts.activation !== null, EPSILON),
  }
}

/** Describes what makes a token of a square of patches. Throws as describeGridTower. */
export function describeMerger(
  { width, grid }: GridTowerFacts,
  languageWidth: number,
  weights: CheckpointWeights,
): Projector {
  const wide = width * grid.mergePatches ** 2
  return {
    inputNorm: null,
    layers: [
      weights.linear('visual.merger.mlp.0', wide, wide, true),
      weights.linear('visual.merger.mlp.2', languageWidth, wide, true),
    ],
    activation: 'gelu',
    newline: null,
  }
}

function describeBlock(facts: GridTowerFacts, index: number, weights: CheckpointWeights): GridBlock {
  const { width, activation, seeingAll } = facts
  const name = `visual.blocks.${index}`
  return {
    attentionNorm: weights.norm(`${name}.norm1`, width, activation !== null, EPSILON),
    queryKeyValue: weights.linear(`${name}.attn.qkv`, 3 * width, width, true),
    output: weights.linear(`${name}.attn.proj`, width, width, true),
    mlpNorm: weights.norm(`${name}.norm2`, width, activation !== null, EPSILON),
    mlp: describeMlp(facts, `${name}.mlp`, weights),
    seesAll: seeingAll === null || seeingAll.includes(index),
  }
}

function describeMlp(
  { width, mlpWidth, activation }: GridTowerFacts,
  name: string,
  weights: CheckpointWeights,
): GridBlock['mlp'] {
  if (activation !== null) {
    return {
      kind: 'plain',
      expand: weights.linear(`${name}.fc1`, mlpWidth, width, true),
      contract: weights.linear(`${name}.fc2`, width, mlpWidth, true),
      activation,
    }
  }
  return {
    kind: 'gated',
    gate: weights.linear(`${name}.gate_proj`, mlpWidth, width, true),
    up: weights.linear(`${name}.up_proj`, mlpWidth, width, true),
    down: weights.linear(`${name}.down_proj`, width, mlpWidth, true),
  }
}
