// Frames that keep their shape: both sides become multiples of the side that one token covers, and the area stays within what
// the recipe allows. As source: smart_resize of Qwen2-VL's processors in transformers.
import type { PixelRecipe } from '../model-package/manifest.ts'
import { checkAspect, checkBytes, normalise, roundHalfToEven } from './preprocess.ts'
import { type RgbPicture, resizeRgb } from './resize.ts'

/** A frame's pixel values and its size after the resize. */
export interface AreaFrame {
  /** [3, H, W] float32, normalised */
  readonly values: Float32Array
  /** H */
  readonly heightPixels: number
  /** W */
  readonly widthPixels: number
}

/**
 * Turns one frame into pixel values of its own shape.
 * @param recipe of the mode `area`
 * @throws AppError SHAPE_MISMATCH when the frame's bytes do not fit its size, CLIP_UNREADABLE when it is too long and narrow
 */
export function preprocessAreaFrame(frame: RgbPicture, recipe: PixelRecipe): AreaFrame {
  checkBytes(frame)
  const size = areaSize(frame, recipe.area!)
  return { ...size, values: normalise(resizeRgb(frame, size, recipe.filter).rgb, recipe) }
}

/** Size of a frame after the resize. @throws AppError CLIP_UNREADABLE when it is too long and narrow */
export function areaSize(
  frame: Pick<RgbPicture, 'widthPixels' | 'heightPixels'>,
  { sideMultiple: side, leastPixels, mostPixels }: NonNullable<PixelRecipe['area']>,
): { widthPixels: number; heightPixels: number } {
  checkAspect(frame)
  const { widthPixels: width, heightPixels: height } = frame
  const [near, across] = [roundHalfToEven(height / side) * side, roundHalfToEven(width / side) * side]
  if (near * across > mostPixels) {
    const shrink = Math.sqrt((height * width) / mostPixels)
    const within = (length: number) => Math.max(side, Math.floor(length / shrink / side) * side)
    return { heightPixels: within(height), widthPixels: within(width) }
  }
  if (near * across < leastPixels) {
    const grow = Math.sqrt(leastPixels / (height * width))
    const within = (length: number) => Math.ceil((length * grow) / side) * side
    return { heightPixels: within(height), widthPixels: within(width) }
  }
  return { heightPixels: near, widthPixels: across }
}
