// Public families of checkpoints, each as data: by which architecture it is known, which layer of the tower it takes, how a
// frame's features become visual tokens, how clips are written in the prompt. Sizes, ids and pixels come from the
// checkpoint's own files. models/README.md says how to add one.
import type { FrameTokensRecipe, Tiling } from '../model-package/manifest.ts'
import type { Family, FrameTokensPlan } from './family.ts'
import type { FamilyConfig } from './family-config.ts'
import { INTERNVL_CHAT, ORIGINAL_LLAVA } from './original-form.ts'
import { SMOLVLM_TEMPLATE } from './smolvlm-template.ts'

const PLAIN: FrameTokensPlan = { pool: null, newline: 'none', tiling: null }
const TOKENS_ALONE = { opening: '', piece: '{tokens}', separator: '', closing: '' }
const BESIDE_MARKS = {
  video: { part: 'video', token: 'video', each: 'clip', ...TOKENS_ALONE },
  image: { part: 'image', token: 'image', each: 'clip', ...TOKENS_ALONE },
} as const
/** InternVL's pictures become up to 12 parts unless the checkpoint says otherwise, as in its processor. */
const INTERNVL_MOST_TILES = 12
/** SmolVLM's sampling where the checkpoint does not say, as in its card. */
const SMOLVLM_FRAMES = { framesPerSecond: 1, maxCount: 64 }

/** Where newlines stand in a video, by mm_newline_position. */
const NEWLINES = { grid: 'row', frame: 'frame', one_token: 'clip', no_token: 'none' } as const
/** What LLaVA-Video was trained to read behind a video. */
const FRAME_TIMES =
  '\nThe video lasts for {seconds} seconds, and {count} frames are uniformly sampled from it. ' +
  'These frames are located at {times}.Please answer the following questions related to this video.'

function anyResolution(
  config: FamilyConfig,
  sizes: readonly (readonly [number, number])[],
  maxTiles: number | null,
): Tiling {
  const stated = config.image_grid_pinpoints ?? sizes
  return { kind: 'any-resolution', sizes: stated.map(([height, width]) => [height, width]), maxTiles }
}

/** How many whole squares' features the parts may bring, of anyres_max_9 for instance; null for any number. */
function mostTiles(ratio: string): number | null {
  return ratio === 'anyres' ? null : Number(ratio.slice('anyres_max_'.length))
}

/** Sizes of so many rows and columns of squares. */
function grids(side: number, counts: readonly (readonly [number, number])[]): [number, number][] {
  return counts.map(([rows, columns]) => [rows * side, columns * side])
}

const UP_TO_SIX = [1, 2, 3, 4, 5, 6].flatMap((rows) => [1, 2, 3, 4, 5, 6].map((columns) => [rows, columns] as const))
const NEXT_GRIDS = [
  [1, 2],
  [2, 1],
  [2, 2],
  [3, 1],
  [1, 3],
] as const

function pixelShuffle(factor: number): FrameTokensRecipe['pool'] {
  return { at: 'before-projector', by: { kind: 'pixel-shuffle', factor } }
}

/** Every family but Valley's own, which has a reader of its own. */
export const FAMILIES: readonly Family[] = [
  {
    // LLaVA-1.5 and LLaVA-interleave. There is no video in them: the frames of a clip are so many pictures.
    name: 'llava',
    architectures: ['LlavaForConditionalGeneration'],
    description: 'A LLaVA model for pictures; a clip is shown to it as a row of pictures.',
    featureLayer: -2,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'default',
    video: () => PLAIN,
    image: () => PLAIN,
    projector: 'two-layers',
    hasNewline: false,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: () => ({
      video: { part: 'image', token: 'image', each: 'frame', ...TOKENS_ALONE },
      image: { part: 'image', token: 'image', each: 'frame', ...TOKENS_ALONE },
    }),
    reserved: ['USER:', 'ASSISTANT:'],
    frames: () => ({ mode: 'uniform', count: 8 }),
    padsToSquare: true,
  },
  {
    name: 'llava-onevision',
    architectures: ['LlavaOnevisionForConditionalGeneration'],
    description: 'A LLaVA-OneVision model for pictures and clips.',
    featureLayer: -1,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'full',
    video: () => ({ pool: { at: 'after-projector', by: { kind: 'halve' } }, newline: 'clip', tiling: null }),
    image: (config) => {
      const ratio = config.vision_aspect_ratio ?? 'anyres_max_9'
      const sizes = grids(config.vision_config.image_size, UP_TO_SIX)
      return {
        pool: null,
        newline: 'row',
        tiling: anyResolution(config, sizes, mostTiles(ratio)),
      }
    },
    projector: 'two-layers',
    hasNewline: true,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: () => BESIDE_MARKS,
    reserved: [],
    // Its training took 32; half of them cost a CPU half the time.
    frames: () => ({ mode: 'uniform', count: 16 }),
    padsToSquare: false,
  },
  {
    // LLaVA-Video, and LLaVA-OneVision as LLaVA's own code saves it: the same network but for where newlines stand.
    name: 'llava-video',
    architectures: ['LlavaQwenForCausalLM'],
    originalForms: { LlavaQwenForCausalLM: ORIGINAL_LLAVA },
    description: 'A LLaVA-Video model for pictures and clips.',
    featureLayer: -2,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'default',
    video: ({ mm_spatial_pool_mode: mode, mm_newline_position: position, mm_patch_merge_type: merge }) => ({
      // As source: two by two, whatever mm_spatial_pool_stride says.
      pool: { at: 'after-projector', by: mode === 'bilinear' ? { kind: 'halve' } : { kind: mode, size: 2 } },
      newline: position === 'one_token' && !merge.endsWith('unpad') ? 'none' : NEWLINES[position],
      tiling: null,
    }),
    image: (config) => {
      const sizes = grids(config.vision_config.image_size, UP_TO_SIX)
      const ratio = config.vision_aspect_ratio ?? 'anyres_max_9'
      return {
        pool: null,
        newline: 'row',
        tiling: anyResolution(config, sizes, mostTiles(ratio)),
      }
    },
    projector: 'two-layers',
    hasNewline: true,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: ({ add_time_instruction: tells }) => ({
      video: { part: 'video', token: 'image', each: 'clip', ...TOKENS_ALONE, closing: tells ? FRAME_TIMES : '' },
      image: { part: 'image', token: 'image', each: 'clip', ...TOKENS_ALONE },
    }),
    reserved: [],
    // Its training took 64 and more; a CPU takes seconds for each.
    frames: () => ({ mode: 'uniform', count: 16 }),
    padsToSquare: false,
  },
  {
    name: 'smolvlm',
    architectures: ['SmolVLMForConditionalGeneration'],
    description: 'A SmolVLM2 model for pictures and clips.',
    featureLayer: -1,
    outputNorm: true,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'full',
    video: (config) => ({ pool: pixelShuffle(config.scale_factor), newline: 'none', tiling: null }),
    image: (config, { do_image_splitting: splits, size }) => ({
      pool: pixelShuffle(config.scale_factor),
      newline: 'none',
      tiling:
        splits !== false && size != null && 'longest_edge' in size
          ? { kind: 'split', longestEdgePixels: size.longest_edge }
          : null,
    }),
    projector: 'one-layer',
    hasNewline: false,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: () => ({
      video: {
        part: 'video',
        mark: '<video>',
        token: 'image',
        each: 'clip',
        opening: 'You are provided the following series of {frames} frames from a {duration} [H:MM:SS] video.\n',
        piece: '\nFrame from {time}:<fake_token_around_image><global-img>{tokens}<fake_token_around_image>',
        separator: '',
        closing: '\n\n',
      },
      image: {
        part: 'image',
        token: 'image',
        each: 'clip',
        opening: '',
        piece: '<fake_token_around_image><global-img>{tokens}<fake_token_around_image>',
        separator: '',
        closing: '',
        tiles: {
          piece: '<fake_token_around_image><row_{row}_col_{column}>{tokens}',
          rowEnd: '\n',
          beforeWhole: '\n',
        },
      },
    }),
    // As source: the checkpoint's own template knows no video, and is replaced where there is one.
    chatTemplate: SMOLVLM_TEMPLATE,
    reserved: ['User:', 'Assistant:'],
    frames: ({ fps, num_frames: count, video_sampling: sampling }) => ({
      mode: 'fps',
      framesPerSecond: sampling?.fps ?? fps ?? SMOLVLM_FRAMES.framesPerSecond,
      maxCount: sampling?.max_frames ?? count ?? SMOLVLM_FRAMES.maxCount,
    }),
    padsToSquare: false,
  },
  {
    name: 'internvl',
    architectures: ['InternVLForConditionalGeneration', 'InternVLChatModel'],
    originalForms: { InternVLChatModel: INTERNVL_CHAT },
    description: 'An InternVL model for pictures and clips.',
    featureLayer: -1,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'default',
    tiedByDefault: true,
    video: (config) => ({ pool: pixelShuffle(1 / config.downsample_ratio), newline: 'none', tiling: null }),
    image: (config, { min_patches: least, max_patches: most }) => ({
      pool: pixelShuffle(1 / config.downsample_ratio),
      newline: 'none',
      tiling: {
        kind: 'nearest-grid',
        minTiles: least ?? config.min_dynamic_patch ?? 1,
        maxTiles: most ?? config.max_dynamic_patch ?? INTERNVL_MOST_TILES,
      },
    }),
    projector: 'norm-two-layers',
    hasNewline: false,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: () => ({
      video: {
        part: 'video',
        mark: '<video>',
        token: 'image',
        each: 'clip',
        ...TOKENS_ALONE,
        piece: 'Frame{number}: <img>{tokens}</img>',
        separator: '\n',
      },
      image: { part: 'image', token: 'image', each: 'clip', ...TOKENS_ALONE, piece: '<img>{tokens}</img>' },
    }),
    reserved: [],
    frames: () => ({ mode: 'uniform', count: 8 }),
    padsToSquare: false,
  },
  {
    name: 'llava-next-video',
    architectures: ['LlavaNextVideoForConditionalGeneration'],
    description: 'A LLaVA-NeXT-Video model for pictures and clips.',
    featureLayer: -2,
    keepsClass: { video: 'as-config', image: 'as-config' },
    featureStrategy: 'default',
    video: ({ spatial_pool_mode: kind, spatial_pool_stride: size }) => ({
      pool: { at: 'before-projector', by: { kind, size } },
      newline: 'none',
      tiling: null,
    }),
    image: (config) => {
      const sizes = grids(config.vision_config.image_size, NEXT_GRIDS)
      return { pool: null, newline: 'row', tiling: anyResolution(config, sizes, null) }
    },
    projector: 'two-layers',
    hasNewline: true,
    towers: { video: 'vision_tower', image: 'vision_tower' },
    clips: () => BESIDE_MARKS,
    reserved: ['USER:', 'ASSISTANT:'],
    // Its training took 32, which with its context leaves no room to talk.
    frames: () => ({ mode: 'uniform', count: 16 }),
    padsToSquare: false,
  },
  {
    name: 'video-llava',
    architectures: ['VideoLlavaForConditionalGeneration'],
    description: 'A Video-LLaVA model for pictures and clips, with a tower for each.',
    featureLayer: -2,
    // As source: a video's frames keep their class feature, whatever the config says.
    keepsClass: { video: 'always', image: 'as-config' },
    featureStrategy: 'default',
    video: () => PLAIN,
    image: () => PLAIN,
    projector: 'two-layers',
    hasNewline: false,
    towers: { video: 'video_tower', image: 'image_tower' },
    clips: () => BESIDE_MARKS,
    reserved: ['USER:', 'ASSISTANT:'],
    frames: () => ({ mode: 'uniform', count: 8 }),
    padsToSquare: false,
  },
]
