// How Qwen2-VL and Qwen2.5-VL want their pixels: frames keep their shape, within an area that its processor's settings bound.
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { ModelManifest, PixelRecipe } from '../model-package/manifest.ts'
import { check, invalidFile } from './checkpoint-config.ts'
import { CLIP_MEAN, CLIP_STD, FILTERS, findSettings } from './preprocessor-config.ts'

/** Published settings allow a picture 16384 tokens and each pair of frames as many; processors that answer need bounds. */
const MOST_TOKENS = { video: 256, image: 1024 }

const pixels = z.int().positive()
const triple = z.tuple([z.number(), z.number(), z.number()])
const settingsSchema = z.object({
  do_resize: z.literal(true).default(true),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  /** Either pair, or the other as keys of its own, by which version of transformers wrote it. */
  size: z
    .object({
      shortest_edge: pixels.optional(),
      longest_edge: pixels.optional(),
      min_pixels: pixels.optional(),
      max_pixels: pixels.optional(),
    })
    .nullish(),
  min_pixels: pixels.nullish(),
  max_pixels: pixels.nullish(),
  patch_size: pixels.default(14),
  temporal_patch_size: pixels.default(2),
  merge_size: pixels.default(2),
  resample: z.int().default(3),
  rescale_factor: z.number().default(1 / 255),
  image_mean: triple.default(CLIP_MEAN),
  image_std: triple.default(CLIP_STD),
})

/** Areas where the settings name none, as in transformers. */
const USUAL_AREA = {
  video: { shortest_edge: 128 * 28 * 28, longest_edge: 768 * 28 * 28 },
  image: { shortest_edge: 56 * 56, longest_edge: 1280 * 28 * 28 },
}

/** The sizes of the tower that settings must agree with. */
export interface PatchSizes {
  readonly patchPixels: number
  readonly mergePatches: number
  readonly framesTogether: number
}

/**
 * Reads the pixel recipes of both kinds.
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED for a step that Valley does not know
 */
export async function readAreaRecipes(directory: string, sizes: PatchSizes): Promise<ModelManifest['pixels']> {
  const video = await readAreaRecipe(directory, 'video', sizes)
  return { video, image: await readAreaRecipe(directory, 'image', sizes) }
}

async function readAreaRecipe(directory: string, kind: 'video' | 'image', sizes: PatchSizes): Promise<PixelRecipe> {
  const { file, json } = await findSettings(directory, kind)
  const settings = check(directory, file, settingsSchema, json)
  const { patch_size: patch, merge_size: merge, temporal_patch_size: together } = settings
  if (patch !== sizes.patchPixels || merge !== sizes.mergePatches || together !== sizes.framesTogether) {
    const [seen, wanted] = [[patch, merge, together], Object.values(sizes)].map((list) => list.join(', '))
    throw invalidFile(
      directory,
      file,
      `has patch_size, merge_size and temporal_patch_size ${seen}; the tower in config.json has ${wanted}`,
    )
  }
  const filter = FILTERS[settings.resample]
  if (filter === undefined || Math.abs(settings.rescale_factor * 255 - 1) > 1e-6) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${join(directory, file)} has resample ${settings.resample} and rescale_factor ${settings.rescale_factor}; 1, 2, 3 and 1/255 are supported. Choose another checkpoint.`,
      { details: { directory, file } },
    )
  }
  const sideMultiple = patch * merge
  const { size } = settings
  const leastPixels = settings.min_pixels ?? size?.min_pixels ?? size?.shortest_edge ?? USUAL_AREA[kind].shortest_edge
  const stated = settings.max_pixels ?? size?.max_pixels ?? size?.longest_edge ?? USUAL_AREA[kind].longest_edge
  const bound = Math.max(leastPixels, MOST_TOKENS[kind] * sideMultiple ** 2)
  const mostPixels = Math.min(stated, bound)
  if (mostPixels < Math.max(leastPixels, sideMultiple ** 2)) {
    throw invalidFile(
      directory,
      file,
      `allows ${leastPixels} to ${mostPixels} pixels; the larger must hold the smaller and a token's ${sideMultiple ** 2}`,
    )
  }
  return {
    resizeMode: 'area',
    resizePixels: Math.floor(Math.sqrt(mostPixels) / sideMultiple) * sideMultiple,
    filter,
    cropPixels: null,
    area: { sideMultiple, leastPixels, mostPixels },
    mean: settings.image_mean,
    std: settings.image_std,
  }
}
