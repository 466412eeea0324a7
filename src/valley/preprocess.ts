// Frames become pixel values: resize, centre crop, scale to 0..1, normalise by channel. The numbers come from the
// manifest's recipe for the kind of clip (video and still image differ).
//
// As source: RupertLuo/Valley at 83d794f resizes video frames by their short side with the long side truncated, and
// crops at round((side - crop) / 2), half to even.
import { AppError } from '../errors.ts'
import type { PixelRecipe } from '../model-package/manifest.ts'
import { type Region, type RgbPicture, resizeRgb } from './resize.ts'

/**
 * Turns one frame into the vision encoder's input.
 * @param frame uint8 RGB, HWC row-major
 * @param recipe how this model saw such frames in training
 * @returns [3, X, X] float32 row-major, normalised; X is the crop or the resize side of the recipe
 * @throws AppError SHAPE_MISMATCH when the frame's bytes do not fit its size, or the recipe yields no square
 */
export function preprocessFrame(frame: RgbPicture, recipe: PixelRecipe): Float32Array {
  const { widthPixels, heightPixels, rgb } = frame
  if (!(widthPixels > 0 && heightPixels > 0) || rgb.length !== widthPixels * heightPixels * 3) {
    throw new AppError(
      'SHAPE_MISMATCH',
      `A frame of ${widthPixels} x ${heightPixels} pixels came with ${rgb.length} bytes; expected ${widthPixels * heightPixels * 3}, three a pixel. Decode the clip again.`,
      { details: { widthPixels, heightPixels, bytes: rgb.length } },
    )
  }
  const size = resizedSize(frame, recipe)
  const region = centreCrop(size, recipe.cropPixels)
  return normalise(resizeRgb(frame, size, recipe.filter, region).rgb, recipe)
}

/** Size of a frame after the resize; the long side of shortest-edge is truncated to an integer, as source. */
export function resizedSize(
  frame: { readonly widthPixels: number; readonly heightPixels: number },
  recipe: Pick<PixelRecipe, 'resizeMode' | 'resizePixels'>,
): { widthPixels: number; heightPixels: number } {
  const side = recipe.resizePixels
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
  return {
    left: roundHalfToEven((widthPixels - side) / 2),
    top: roundHalfToEven((heightPixels - side) / 2),
    widthPixels: side,
    heightPixels: side,
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** @param rgb [X, X, 3]; returns [3, X, X] */
function normalise(rgb: Uint8Array, recipe: PixelRecipe): Float32Array {
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
