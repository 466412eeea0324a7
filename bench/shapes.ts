// The shapes that are measured: sizes of public models, filled with random weights. Speed does not depend on what weights
// say, only on how many there are and how they are stored.

/** Sizes of a decoder in LLaMA's manner. */
export interface LanguageShape {
  readonly width: number
  readonly mlpWidth: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headWidth: number
  readonly vocabulary: number
  readonly context: number
  readonly rotaryBase: number
  /** Whether query, key and value have a bias. */
  readonly bias: boolean
  /** Whether the head is the table of embeddings. */
  readonly tied: boolean
}

/** Sizes of a tower in SigLIP's or CLIP's manner. */
export interface TowerShape {
  readonly imagePixels: number
  readonly patchPixels: number
  readonly width: number
  readonly mlpWidth: number
  readonly layers: number
  readonly heads: number
  /** CLIP's class embedding, input norm and QuickGELU instead of SigLIP's ways. */
  readonly clip: boolean
}

/** A whole model. */
export interface ModelShape {
  readonly tower: TowerShape
  readonly language: LanguageShape
}

/** The tower's cost is no part of what is asked of a decoder alone. */
const NO_TOWER: TowerShape = {
  imagePixels: 28,
  patchPixels: 14,
  width: 64,
  mlpWidth: 64,
  layers: 1,
  heads: 1,
  clip: false,
}

/** SigLIP so400m/14 at 384 as LLaVA-OneVision has it: the last of 27 layers is not used. */
export const SIGLIP: TowerShape = {
  imagePixels: 384,
  patchPixels: 14,
  width: 1152,
  mlpWidth: 4304,
  layers: 26,
  heads: 16,
  clip: false,
}

/** CLIP ViT-L/14 at 224, up to the last layer but one. */
export const CLIP: TowerShape = {
  imagePixels: 224,
  patchPixels: 14,
  width: 1024,
  mlpWidth: 4096,
  layers: 23,
  heads: 16,
  clip: true,
}

/** As Qwen2-0.5B. */
export const QWEN2_HALF_BILLION: LanguageShape = {
  width: 896,
  mlpWidth: 4864,
  layers: 24,
  heads: 14,
  keyValueHeads: 2,
  headWidth: 64,
  vocabulary: 151_936,
  context: 4096,
  rotaryBase: 1e6,
  bias: true,
  tied: true,
}

/** As Qwen2-7B, its head apart from its embeddings. */
const QWEN2_SEVEN_BILLION: LanguageShape = {
  width: 3584,
  mlpWidth: 18_944,
  layers: 28,
  heads: 28,
  keyValueHeads: 4,
  headWidth: 128,
  vocabulary: 152_064,
  context: 4096,
  rotaryBase: 1e6,
  bias: true,
  tied: false,
}

/** For trying the bench itself. */
const SMALL: LanguageShape = {
  ...QWEN2_HALF_BILLION,
  width: 256,
  mlpWidth: 512,
  layers: 4,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 8192,
}

/** Every shape by its name on the command line. */
export const SHAPES = {
  small: { tower: NO_TOWER, language: SMALL },
  'qwen2-0.5b': { tower: NO_TOWER, language: QWEN2_HALF_BILLION },
  'qwen2-7b': { tower: NO_TOWER, language: QWEN2_SEVEN_BILLION },
  'onevision-0.5b': { tower: SIGLIP, language: QWEN2_HALF_BILLION },
  'clip-l': { tower: CLIP, language: SMALL },
} as const satisfies Record<string, ModelShape>

/** A name of a shape. */
export type ShapeName = keyof typeof SHAPES
