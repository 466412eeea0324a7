// What a Valley-like network is made of, in words of its own. Readers of checkpoints make this, writers of graphs take
// it, and neither knows the other: a new family of checkpoints needs a new reader only.
// Letters: P patches a frame, Dv tower width, Dl decoder width, V vocabulary, H heads, Hkv key/value heads, Dh head width.
import type { PatchGrid } from '../model-package/manifest.ts'
import type { WeightSource } from './weight-source.ts'

/** y = x W^T + b. */
export interface LinearLayer {
  /** [outputs, inputs] */
  readonly weight: WeightSource
  /** [outputs] */
  readonly bias: WeightSource | null
}

/** Layer norm; without a bias it is an RMS norm. */
export interface NormLayer {
  readonly weight: WeightSource
  readonly bias: WeightSource | null
  readonly epsilon: number
}

/** A convolution over rows and columns, alike in both. */
export interface Convolution {
  /** [outputs, inputs, kernel, kernel] */
  readonly weight: WeightSource
  /** [outputs] */
  readonly bias: WeightSource
  readonly kernel: number
  readonly stride: number
  /** Zeros on each side. */
  readonly padding: number
}

/** One stage of a convolutional stem: an entry that makes the picture smaller, and residual blocks; each convolution is rectified. */
export interface StemStage {
  readonly entry: Convolution
  readonly blocks: readonly { readonly first: Convolution; readonly second: Convolution }[]
}

/** One block of the tower: attention and MLP, each behind its norm and added to its input. */
export interface VisionBlock {
  readonly attentionNorm: NormLayer
  readonly query: LinearLayer
  readonly key: LinearLayer
  readonly value: LinearLayer
  readonly output: LinearLayer
  readonly mlpNorm: NormLayer
  readonly expand: LinearLayer
  readonly contract: LinearLayer
}

/** quick-gelu is x sigmoid(1.702 x), gelu the exact one with erf, gelu-tanh the one with tanh. */
export type Activation = 'quick-gelu' | 'gelu' | 'gelu-tanh'

/** A tower like CLIP's or SigLIP's up to the selected block. */
export interface VisionTower {
  readonly imagePixels: number
  readonly patchPixels: number
  readonly channels: number
  /** P */
  readonly patches: number
  /** Dv */
  readonly width: number
  readonly heads: number
  readonly activation: Activation
  /** [Dv]; null for a tower whose features are patches only */
  readonly classEmbedding: WeightSource | null
  /** What sees the pixels before the patch embedding; none in CLIP and SigLIP. */
  readonly stem: readonly StemStage[]
  /** weight [Dv, channels, patchPixels, patchPixels], or [Dv, width of the stem, 1, 1] behind a stem */
  readonly patchEmbedding: LinearLayer
  /** [1 + P, Dv], or [P, Dv] without a class */
  readonly positions: WeightSource
  readonly inputNorm: NormLayer | null
  readonly blocks: readonly VisionBlock[]
  /** Applied to what leaves the last block. */
  readonly outputNorm: NormLayer | null
}

/** One block of a grid tower: as CLIP's with layer norms, or as a decoder's with RMS norms and a gated MLP. */
export interface GridBlock {
  readonly attentionNorm: NormLayer
  /** Query, key and value projections stacked: [3 Dv, Dv] */
  readonly queryKeyValue: LinearLayer
  readonly output: LinearLayer
  readonly mlpNorm: NormLayer
  readonly mlp:
    | { readonly kind: 'gated'; readonly gate: LinearLayer; readonly up: LinearLayer; readonly down: LinearLayer }
    | {
        readonly kind: 'plain'
        readonly expand: LinearLayer
        readonly contract: LinearLayer
        readonly activation: Activation
      }
  /** Whether a patch looks at the whole grid; else at its window. */
  readonly seesAll: boolean
}

/** Qwen2-VL's and Qwen2.5-VL's towers: take grids of any size, of several frames at once, and have rotary positions by row and column. */
export interface GridTower extends Pick<VisionTower, 'imagePixels' | 'patchPixels' | 'patches' | 'width' | 'heads'> {
  readonly grid: PatchGrid
  /** Base of the rotary frequencies. */
  readonly rotaryBase: number
  /** weight [Dv, K]; K values of a patch by channel, frame, row and column */
  readonly patchEmbedding: LinearLayer
  readonly blocks: readonly GridBlock[]
  /** Before the patches of a token are laid side by side. */
  readonly outputNorm: NormLayer
}

/** Whether a tower takes frames of any shape. */
export function isGridTower(tower: VisionTower | GridTower): tower is GridTower {
  return 'grid' in tower
}

/** Layers with an activation between each two, behind an optional norm: [Dv] -> [Dl]. */
export interface Projector {
  readonly inputNorm: NormLayer | null
  readonly layers: readonly LinearLayer[]
  readonly activation: Activation
  /** [Dl], the row that ends lines, frames or clips; null for families without one. */
  readonly newline: WeightSource | null
}

/** Every frame keeps its own tokens. */
export interface NoPooling {
  readonly kind: 'none'
}

/** v1: the mean over time. */
export interface MeanPooling {
  readonly kind: 'mean'
}

/** v2: one score a frame, softmax over time, weighted sum. */
export interface ImportancePooling {
  readonly kind: 'importance'
  /** weight [1, P * Dl], patch-major */
  readonly score: LinearLayer
}

/** v3: a transformer layer over time at each patch position, norms after the sums; its last frame plus the mean. */
export interface TransformerPooling {
  readonly kind: 'transformer'
  readonly heads: number
  /** [rows, Dl], one row a frame */
  readonly positions: WeightSource
  readonly query: LinearLayer
  readonly key: LinearLayer
  readonly value: LinearLayer
  readonly output: LinearLayer
  readonly attentionNorm: NormLayer
  readonly expand: LinearLayer
  readonly contract: LinearLayer
  readonly mlpNorm: NormLayer
}

/** Video-ChatGPT's: the mean of each frame beside the mean of each place, before the projector. */
export interface SpaceTimePooling {
  readonly kind: 'space-and-time'
}

/** Temporal pooling: none, one of Valley's three kinds, or Video-ChatGPT's. */
export type Pooling = NoPooling | SpaceTimePooling | MeanPooling | ImportancePooling | TransformerPooling

/** One block of the decoder. */
export interface DecoderBlock {
  readonly attentionNorm: NormLayer
  /** Query, key and value projections stacked: [(H + 2 Hkv) * Dh, Dl] */
  readonly queryKeyValue: LinearLayer
  /** RMS norms over each head's Dh values before the positions are turned in, weight [Dh]; null without. */
  readonly headNorms: { readonly query: NormLayer; readonly key: NormLayer } | null
  /** [Dl, H * Dh] */
  readonly output: LinearLayer
  readonly mlpNorm: NormLayer
  readonly gate: LinearLayer
  readonly up: LinearLayer
  readonly down: LinearLayer
}

/** A LLaMA-like decoder: RMS norms, rotary positions (halves, not pairs), SiLU gate. */
export interface LanguageModel {
  /** Dl */
  readonly width: number
  /** H */
  readonly heads: number
  /** Hkv */
  readonly keyValueHeads: number
  /** Dh */
  readonly headWidth: number
  /** V */
  readonly vocabulary: number
  /** Longest sequence, tokens. */
  readonly context: number
  /** Base of the rotary frequencies. */
  readonly rotaryBase: number
  /**
   * [Dh / 2]: by which part of a token's place, time 0, row 1 or column 2, each pair of values is turned; null where a place
   * is one number.
   */
  readonly rotaryParts: readonly number[] | null
  /** [V, Dl] */
  readonly embedding: WeightSource
  readonly blocks: readonly DecoderBlock[]
  readonly finalNorm: NormLayer
  /** weight [V, Dl]; the embedding itself when tied */
  readonly head: LinearLayer
}

/** The whole network. */
export interface ValleyArchitecture {
  readonly vision: VisionTower | GridTower
  /** The tower for still pictures where it is another one; of the same sizes. */
  readonly imageVision: VisionTower | null
  readonly projector: Projector
  readonly pooling: Pooling
  readonly language: LanguageModel
}
