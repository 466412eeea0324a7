// Frames become pixel values: pad to a square where wanted, resize, centre crop, scale to 0..1, normalise by channel. The
// numbers come from the manifest's recipe for the kind of clip (video and still image differ).
//
// As source: RupertLuo/Valley at 83d794f resizes video frames by their short side with the long side truncated, and
// crops at round((side - crop) / 2), half to even.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import type { PixelRecipe } from '../model-package/manifest.ts'
import { type PictureOnGround, type Region, type RgbPicture, resizeRgb } from './resize.ts'

/** Qwen2-VL's processors in transformers refuse what is longer and narrower; to resize it takes more memory than any picture. */
const MOST_ASPECT = 200

/**
 * Turns one frame into the vision encoder's input.
 * @param frame uint8 RGB, HWC row-major
 * @param recipe how this model saw such frames in training
 * @returns [3, X, X] float32 row-major, normalised; X is the crop or the resize side of the recipe
 * @throws AppError SHAPE_MISMATCH when the frame's bytes do not fit its size, or the recipe yields no square; CLIP_UNREADABLE
 *   when it is too long and narrow
 */
export function preprocessFrame(frame: RgbPicture, recipe: PixelRecipe): Float32Array {
  checkBytes(frame)
  checkAspect(frame)
  const shaped = recipe.padToSquare ? padToSquare(frame, recipe.mean) : frame
  const { longestEdgeFirstPixels: longest } = recipe
  const picture = longest === undefined ? shaped : resizeRgb(shaped, longestEdgeSize(shaped, longest), recipe.filter)
  const size = resizedSize(picture, recipe)
  const region = centreCrop(size, recipe.cropPixels, recipe.cropRounding)
  return normalise(resizeRgb(picture, size, recipe.filter, region).rgb, recipe)
}

/** Whether a frame is as large as it says. @throws AppError SHAPE_MISMATCH */
export function checkBytes({ widthPixels, heightPixels, rgb }: RgbPicture): void {
  if (!(widthPixels > 0 && heightPixels > 0) || rgb.length !== widthPixels * heightPixels * 3) {
    throw new AppError(
      'SHAPE_MISMATCH',
      `A frame of ${widthPixels} x ${heightPixels} pixels came with ${rgb.length} bytes; expected ${widthPixels * heightPixels * 3}, three a pixel. Decode the clip again.`,
      { details: { widthPixels, heightPixels, bytes: rgb.length } },
    )
  }
}

/** Whether a picture is no stripe. @throws AppError CLIP_UNREADABLE when it is too long and narrow */
export function checkAspect({ widthPixels, heightPixels }: Omit<RgbPicture, 'rgb'>): void {
  if (Math.max(widthPixels, heightPixels) / Math.min(widthPixels, heightPixels) <= MOST_ASPECT) return
  throw new AppError(
    'CLIP_UNREADABLE',
    `The pictures of the clip have ${widthPixels} x ${heightPixels} pixels; one side may be at most ${MOST_ASPECT} times the other. Crop the clip.`,
    { details: { widthPixels, heightPixels } },
  )
}

/** The picture in the middle of a square of the mean colour; an odd pixel goes to the right or below. */
function padToSquare(picture: RgbPicture, [red, green, blue]: PixelRecipe['mean']): PictureOnGround {
  const { widthPixels, heightPixels } = picture
  const side = Math.max(widthPixels, heightPixels)
  const level = (share: number): number => Math.trunc(share * 255) // As source: cut, not rounded.
  return {
    widthPixels: side,
    heightPixels: side,
    picture,
    left: Math.floor((side - widthPixels) / 2),
    top: Math.floor((side - heightPixels) / 2),
    colour: [level(red), level(green), level(blue)],
  }
}

/** Size with a longest edge; the other is cut to a whole number and made even, and is 1 at least. */
export function longestEdgeSize(
  { widthPixels, heightPixels }: { readonly widthPixels: number; readonly heightPixels: number },
  longest: number,
): { widthPixels: number; heightPixels: number } {
  // As source: by the quotient, whose rounding can cost a pixel.
  const aspect = widthPixels / heightPixels
  const other = Math.max(1, Math.trunc(aspect >= 1 ? longest / aspect : longest * aspect))
  const even = other + (other % 2)
  return aspect >= 1 ? { widthPixels: longest, heightPixels: even } : { widthPixels: even, heightPixels: longest }
}

/** Size of a frame after the resize; the long side of shortest-edge is truncated to an integer, as source. */
export function resizedSize(
  frame: { readonly widthPixels: number; readonly heightPixels: number },
  recipe: Pick<PixelRecipe, 'resizeMode' | 'resizePixels'>,
): { widthPixels: number; heightPixels: number } {
  const side = recipe.resizePixels
  assert(recipe.resizeMode !== 'area', 'frames that keep their shape have no side that is theirs')
  if (recipe.resizeMode === 'exact') return { widthPixels: side, heightPixels: side }
  const { widthPixels, heightPixels } = frame
  return widthPixels <= heightPixels
    ? { widthPixels: side, heightPixels: Math.trunc((side * heightPixels) / widthPixels) }
    : { widthPixels: Math.trunc((side * widthPixels) / heightPixels), heightPixels: side }
}

/**
 * The square in the middle of a picture.
 * @param cropPixels its side; null takes the whole picture, which must be square then
 * @throws AppError SHAPE_MISMATCH when the picture is smaller than the crop or not square without one
 */
export function centreCrop(
  size: { readonly widthPixels: number; readonly heightPixels: number },
  cropPixels: number | null,
  rounding: PixelRecipe['cropRounding'] = 'half-to-even',
): Region {
  const { widthPixels, heightPixels } = size
  const side = cropPixels ?? widthPixels
  if (Math.min(widthPixels, heightPixels) < side || (cropPixels === null && widthPixels !== heightPixels)) {
    throw new AppError(
      'SHAPE_MISMATCH',
      `A frame resized to ${widthPixels} x ${heightPixels} pixels yields no square of ${side}; the pixel recipe in manifest.json must crop to at most its resize side. Build the package again.`,
      { details: { widthPixels, heightPixels, cropPixels } },
    )
  }
  const round = rounding === 'down' ? Math.floor : roundHalfToEven
  return {
    left: round((widthPixels - side) / 2),
    top: round((heightPixels - side) / 2),
    widthPixels: side,
    heightPixels: side,
  }
}

/** As Python's round. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/**
 * Scales to 0..1 and normalises by channel.
 * @param rgb [H, W, 3]
 * @returns [3, H, W]
 */
export function normalise(rgb: Uint8Array, recipe: PixelRecipe): Float32Array {
  const pixels = rgb.length / 3
  const values = new Float32Array(rgb.length)
  for (let channel = 0; channel < 3; channel++) {
    const table = channelTable(recipe.mean[channel]!, recipe.std[channel]!)
    for (let pixel = 0; pixel < pixels; pixel++) values[channel * pixels + pixel] = table[rgb[pixel * 3 + channel]!]!
  }
  return values
}

/** The normalised value of each of the 256 levels, every step rounded to float32 as numpy and torch do. */
function channelTable(mean: number, std: number): Float32Array {
  const round = Math.fround
  return Float32Array.from({ length: 256 }, (_, level) => round(round(level / 255) - round(mean)) / round(std))
}
