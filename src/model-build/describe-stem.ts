// A convolutional stem, which towers that were trained here have in the place of CLIP's patches cut out of the picture
// (arXiv 2106.14881): `stem` under vision_config of config.json.
import type { Convolution, StemStage } from './architecture.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'

/** What a config says of one stage of a stem. */
export interface StemStageFacts {
  readonly width: number
  readonly stride: number
  /** Residual blocks behind the stage's entry. */
  readonly blocks: number
}

/**
 * Describes the stages of a stem.
 * @param channels of the pixels
 * @param name where its tensors stand
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export function describeStem(
  stages: readonly StemStageFacts[],
  channels: number,
  name: string,
  weights: CheckpointWeights,
): StemStage[] {
  return stages.map(({ width, stride, blocks }, index) => {
    const stage = `${name}.stages.${index}`
    const inputs = stages[index - 1]?.width ?? channels
    // Strides of 1 and 2 see a pixel of the neighbours; wider ones see each pixel once.
    const kernel = Math.max(3, stride)
    const padding = stride < 3 ? 1 : 0
    const inner = (part: string) => describeConvolution(weights, part, width, width, 3, 1, 1)
    return {
      entry: describeConvolution(weights, `${stage}.entry`, width, inputs, kernel, stride, padding),
      blocks: Array.from({ length: blocks }, (_, block) => ({
        first: inner(`${stage}.blocks.${block}.first`),
        second: inner(`${stage}.blocks.${block}.second`),
      })),
    }
  })
}

function describeConvolution(
  weights: CheckpointWeights,
  name: string,
  outputs: number,
  inputs: number,
  kernel: number,
  stride: number,
  padding: number,
): Convolution {
  const weight = weights.take(`${name}.weight`, [outputs, inputs, kernel, kernel])
  return { weight, bias: weights.take(`${name}.bias`, [outputs]), kernel, stride, padding }
}
