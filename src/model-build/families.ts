// Public families of checkpoints, each as data: by which architecture it is known, which layer of the tower it takes, how a
// frame's features become visual tokens, how clips are written in the prompt. Sizes, ids and pixels come from the
// checkpoint's own files. models/README.md says how to add one.
import type { ClipText, FrameTokensRecipe, ModelManifest, Tiling } from '../model-package/manifest.ts'
import type { FamilyConfig } from './family-config.ts'
import type { ProcessorHabits } from './preprocessor-config.ts'

/** How a kind of clip is written, its placeholder apart: the token comes from the config. */
export interface FamilyClipText extends Omit<ClipText, 'mark' | 'placeholder'> {
  /** Which of the config's token ids is the placeholder; its text is the mark too. */
  readonly token: 'image' | 'video'
}

/** One family of checkpoints. */
export interface Family {
  readonly name: ModelManifest['family']
  /** Names in config.json's `architectures`. */
  readonly architectures: readonly string[]
  /** For people. */
  readonly description: string
  /** Entry of hidden_states where config.json does not say. */
  readonly featureLayer: number
  /** Whether the class feature is kept where config.json does not say. */
  readonly featureStrategy: 'default' | 'full'
  readonly video: (config: FamilyConfig) => Omit<FrameTokensRecipe, 'keepClass'>
  readonly image: (config: FamilyConfig) => Omit<FrameTokensRecipe, 'keepClass'>
  /** Whether the projector's tensors hold a newline row. */
  readonly hasNewline: boolean
  readonly clips: { readonly video: FamilyClipText; readonly image: FamilyClipText }
  /** Texts that the chat template gives a meaning without a special token. */
  readonly reserved: readonly string[]
  /** Frames of a clip unless asked otherwise; fewer where the context is small. */
  readonly frames: ModelManifest['frames']
  readonly habits: ProcessorHabits
}

const PLAIN: Omit<FrameTokensRecipe, 'keepClass'> = { pool: null, newline: 'none', tiling: null }
const TOKENS_ALONE = { opening: '', piece: '{tokens}', separator: '', closing: '' }

/** LLaVA-OneVision's sizes of pictures where config.json does not say: multiples of 384 up to 6 x 6. */
function defaultSizes(side: number): Tiling['sizes'] {
  const counts = [1, 2, 3, 4, 5, 6]
  return counts.flatMap((rows) => counts.map((columns): [number, number] => [rows * side, columns * side]))
}

function anyResolution(config: FamilyConfig): Tiling {
  const { image_grid_pinpoints: sizes, vision_aspect_ratio: ratio = 'anyres_max_9' } = config
  return {
    kind: 'any-resolution',
    sizes: sizes ?? defaultSizes(config.vision_config.image_size),
    maxTiles: Number(ratio.slice('anyres_max_'.length)),
  }
}

/** Every family but Valley's own, which has a reader of its own. */
export const FAMILIES: readonly Family[] = [
  {
    // LLaVA-1.5 and LLaVA-interleave. There is no video in them: the frames of a clip are so many pictures.
    name: 'llava',
    architectures: ['LlavaForConditionalGeneration'],
    description: 'A LLaVA model for pictures; a clip is shown to it as a row of pictures.',
    featureLayer: -2,
    featureStrategy: 'default',
    video: () => PLAIN,
    image: () => PLAIN,
    hasNewline: false,
    clips: {
      video: { part: 'image', token: 'image', each: 'frame', ...TOKENS_ALONE },
      image: { part: 'image', token: 'image', each: 'frame', ...TOKENS_ALONE },
    },
    reserved: ['USER:', 'ASSISTANT:'],
    frames: { mode: 'uniform', count: 8 },
    habits: { padsToSquare: true },
  },
  {
    name: 'llava-onevision',
    architectures: ['LlavaOnevisionForConditionalGeneration'],
    description: 'A LLaVA-OneVision model for pictures and clips.',
    featureLayer: -1,
    featureStrategy: 'full',
    video: () => ({ pool: { at: 'after-projector', by: { kind: 'halve' } }, newline: 'clip', tiling: null }),
    image: (config) => ({ pool: null, newline: 'row', tiling: anyResolution(config) }),
    hasNewline: true,
    clips: {
      video: { part: 'video', token: 'video', each: 'clip', ...TOKENS_ALONE },
      image: { part: 'image', token: 'image', each: 'clip', ...TOKENS_ALONE },
    },
    reserved: [],
    // Its training took 32; half of them cost a CPU half the time.
    frames: { mode: 'uniform', count: 16 },
    habits: { padsToSquare: false },
  },
]
