// Qwen2.5-VL's tower in the names of its checkpoints, and the two layers behind it that make tokens of patches.
import type { GridBlock, GridTower, Projector } from './architecture.ts'
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
  /** Indices of the blocks that look at the whole grid. */
  readonly seeingAll: readonly number[]
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
    outputNorm: weights.norm('visual.merger.ln_q', width, false, EPSILON),
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

function describeBlock(
  { width, mlpWidth, seeingAll }: GridTowerFacts,
  index: number,
  weights: CheckpointWeights,
): GridBlock {
  const name = `visual.blocks.${index}`
  return {
    attentionNorm: weights.norm(`${name}.norm1`, width, false, EPSILON),
    queryKeyValue: weights.linear(`${name}.attn.qkv`, 3 * width, width, true),
    output: weights.linear(`${name}.attn.proj`, width, width, true),
    mlpNorm: weights.norm(`${name}.norm2`, width, false, EPSILON),
    gate: weights.linear(`${name}.mlp.gate_proj`, mlpWidth, width, true),
    up: weights.linear(`${name}.mlp.up_proj`, mlpWidth, width, true),
    down: weights.linear(`${name}.mlp.down_proj`, width, mlpWidth, true),
    seesAll: seeingAll.includes(index),
  }
}
