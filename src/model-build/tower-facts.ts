// What a config says of a tower, whatever its keys are called.
import type { Activation } from './architecture.ts'
import type { StemStageFacts } from './describe-stem.ts'

/** What a config says of a tower. */
export interface TowerFacts {
  readonly kind: 'clip' | 'siglip' | 'internvit'
  readonly imagePixels: number
  readonly patchPixels: number
  readonly channels: number
  readonly width: number
  readonly mlpWidth: number
  readonly heads: number
  readonly activation: Activation
  readonly epsilon: number
  /** Blocks to run, up to the selected layer. */
  readonly blocks: number
  /** Whether post_layernorm is applied to what leaves the last block. */
  readonly outputNorm: boolean
  /** Whether query, key and value have a bias; only InternViT may go without. */
  readonly attentionBias: boolean
  /** Stages of a convolutional stem, whose strides make up a patch; only towers that were trained here have one. */
  readonly stem: readonly StemStageFacts[]
}
