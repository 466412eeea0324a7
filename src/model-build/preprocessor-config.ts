// How a public checkpoint wants its pixels: the image and the video processor's settings, in one file (transformers 5) or in
// files of their own.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { ModelManifest, PixelRecipe } from '../model-package/manifest.ts'
import { check, invalidFile, readJson } from './checkpoint-config.ts'

/** CLIP's colours, transformers' default in all processors of these families. */
export const CLIP_MEAN: PixelRecipe['mean'] = [0.48145466, 0.4578275, 0.40821073]
/** Their spread. */
export const CLIP_STD: PixelRecipe['std'] = [0.26862954, 0.26130258, 0.27577711]
/** PIL's numbers of its filters. */
export const FILTERS: Readonly<Record<number, PixelRecipe['filter']>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' }

const side = z.int().positive()
const square = z.union([
  side.transform((pixels) => ({ height: pixels, width: pixels })),
  z.object({ height: side, width: side }),
])
const resize = z.union([z.object({ shortest_edge: side }), z.object({ longest_edge: side }), square])
const triple = z.tuple([z.number(), z.number(), z.number()])

const processorSchema = z.object({
  do_resize: z.literal(true).default(true),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  do_center_crop: z.boolean().nullish(),
  do_pad: z.boolean().nullish(),
  size: resize.nullish(),
  crop_size: square.nullish(),
  resample: z.int().default(3),
  rescale_factor: z.number().default(1 / 255),
  image_mean: triple.default(CLIP_MEAN),
  image_std: triple.default(CLIP_STD),
  /** SmolVLM: the square that everything ends as, and whether pictures are split. */
  max_image_size: z.object({ longest_edge: side }).nullish(),
  do_image_splitting: z.boolean().nullish(),
  video_sampling: z
    .object({ fps: z.number().positive(), max_frames: side, video_size: z.object({ longest_edge: side }).optional() })
    .nullish(),
  fps: z.number().positive().nullish(),
  num_frames: side.nullish(),
  /** InternVL: how many parts a picture may have. */
  min_patches: side.nullish(),
  max_patches: side.nullish(),
})

/** Settings of one kind's processor. */
export type Processor = z.infer<typeof processorSchema>

/** Settings of both kinds, each with the file that it stood in. */
export type Processors = Readonly<Record<'video' | 'image', { readonly file: string; readonly processor: Processor }>>

/** Where each kind's settings may stand, the first that exists wins; a video without its own is treated as pictures are. */
const PLACES = {
  video: [
    { file: 'processor_config.json', key: 'video_processor' },
    { file: 'video_preprocessor_config.json', key: null },
    { file: 'processor_config.json', key: 'image_processor' },
    { file: 'preprocessor_config.json', key: null },
  ],
  image: [
    { file: 'processor_config.json', key: 'image_processor' },
    { file: 'preprocessor_config.json', key: null },
  ],
} as const

/**
 * Reads the settings of both kinds.
 * @param usual what they are where the checkpoint has no file of them; undefined where it must have one
 * @throws AppError CHECKPOINT_INVALID
 */
export async function readProcessors(directory: string, usual?: unknown): Promise<Processors> {
  const video = await readProcessor(directory, 'video', usual)
  return { video, image: await readProcessor(directory, 'image', usual) }
}

/**
 * The pixel recipes of both kinds.
 * @param imagePixels side of the tower's input, which both kinds must yield
 * @param family how it reads its settings
 * @param splitsImages whether pictures are cut into squares before the recipe, so that it has no other size to make
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED for a step that Valley does not know
 */
export function pixelRecipes(
  directory: string,
  processors: Processors,
  imagePixels: number,
  { padsToSquare }: { readonly padsToSquare: boolean },
  splitsImages: boolean,
): ModelManifest['pixels'] {
  const recipe = (kind: 'video' | 'image', split: boolean) => {
    const { file, processor } = processors[kind]
    return recipeOf(directory, file, processor, imagePixels, padsToSquare, kind === 'video', split)
  }
  return { video: recipe('video', false), image: recipe('image', splitsImages) }
}

/**
 * Finds the settings of a kind.
 * @param usual as in readProcessors
 * @returns what the file holds of them, unchecked
 * @throws AppError CHECKPOINT_INVALID
 */
export async function findSettings(
  directory: string,
  kind: 'video' | 'image',
  usual?: unknown,
): Promise<{ file: string; json: unknown }> {
  for (const { file, key } of PLACES[kind]) {
    if (!((await stat(join(directory, file)).catch(() => null))?.isFile() ?? false)) continue
    const json = await readJson(directory, file)
    const found = key === null ? json : (json as Record<string, unknown> | null)?.[key]
    if (found !== undefined && found !== null) return { file, json: found }
  }
  const file = 'preprocessor_config.json'
  if (usual !== undefined) return { file, json: usual }
  throw invalidFile(directory, file, 'cannot be read; a checkpoint needs it')
}

async function readProcessor(
  directory: string,
  kind: 'video' | 'image',
  usual: unknown,
): Promise<{ file: string; processor: Processor }> {
  const { file, json } = await findSettings(directory, kind, usual)
  return { file, processor: check(directory, file, processorSchema, json) }
}

function recipeOf(
  directory: string,
  file: string,
  processor: Processor,
  imagePixels: number,
  padsToSquare: boolean,
  isVideo: boolean,
  split: boolean,
): PixelRecipe {
  const { resample, rescale_factor: factor, image_mean: mean, image_std: std } = processor
  const filter = FILTERS[resample]
  if (filter === undefined || Math.abs(factor * 255 - 1) > 1e-6) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${join(directory, file)} has resample ${resample} and rescale_factor ${factor}; 1, 2, 3 and 1/255 are supported. Choose another checkpoint.`,
      { details: { directory, file } },
    )
  }
  const geometry = geometryOf(directory, file, processor, imagePixels, isVideo, split)
  const padToSquare = padsToSquare && processor.do_pad === true
  return { ...geometry, filter, mean, std, ...(padToSquare ? { padToSquare } : {}) }
}

function geometryOf(
  directory: string,
  file: string,
  { size: ownSize, crop_size: crop, do_center_crop: crops, max_image_size: most, video_sampling: sampling }: Processor,
  imagePixels: number,
  isVideo: boolean,
  split: boolean,
): Pick<PixelRecipe, 'resizeMode' | 'resizePixels' | 'cropPixels' | 'cropRounding' | 'longestEdgeFirstPixels'> {
  const size = (isVideo ? sampling?.video_size : null) ?? ownSize
  const shown = JSON.stringify({ size, crop_size: crop, do_center_crop: crops })
  const wrong = () =>
    invalidFile(directory, file, `has ${shown}, which does not yield squares of ${imagePixels}, the tower's input`)
  const cropped = crops === true && crop !== null && crop !== undefined
  if (cropped && (crop.height !== imagePixels || crop.width !== imagePixels)) throw wrong()
  if (size !== null && size !== undefined && 'shortest_edge' in size) {
    // Without a crop only squares come out as squares, so the resize might as well be exact.
    if (!cropped) {
      if (size.shortest_edge !== imagePixels) throw wrong()
      return { resizeMode: 'exact', resizePixels: imagePixels, cropPixels: null }
    }
    return {
      resizeMode: 'shortest-edge',
      resizePixels: size.shortest_edge,
      cropPixels: imagePixels,
      cropRounding: 'down',
    }
  }
  if (
    size !== null &&
    size !== undefined &&
    'height' in size &&
    (size.height !== imagePixels || size.width !== imagePixels)
  ) {
    throw wrong()
  }
  if (most !== null && most !== undefined && most.longest_edge !== imagePixels) throw wrong()
  const longest = size !== null && size !== undefined && 'longest_edge' in size && !split ? size.longest_edge : null
  const first = longest === null ? {} : { longestEdgeFirstPixels: longest }
  return { resizeMode: 'exact', resizePixels: imagePixels, cropPixels: null, ...first }
}
