// A still picture in parts, as families with "any resolution" pictures look at it: the whole, stretched to the tower's square,
// and the picture at the best of the allowed sizes, on black, cut into such squares.
// Source: transformers, image_processing_llava_onevision.py and image_processing_utils.py (5.23).
import type { Tiling } from '../model-package/manifest.ts'
import { type ResizeFilter, type RgbPicture, resizeRgb } from './resize.ts'

/** Size of a picture or of the canvas that it stands on, pixels. */
export interface PictureSize {
  readonly widthPixels: number
  readonly heightPixels: number
}

/** The whole picture first, then its parts row by row, each a square of `side` pixels. */
export function tilePicture(picture: RgbPicture, tiling: Tiling, side: number, filter: ResizeFilter): RgbPicture[] {
  const whole = resizeRgb(picture, { widthPixels: side, heightPixels: side }, filter)
  const canvas = chooseCanvas(picture, tiling)
  const fitted = resizeRgb(picture, sizeWithin(picture, canvas), filter)
  const left = Math.floor((canvas.widthPixels - fitted.widthPixels) / 2)
  const top = Math.floor((canvas.heightPixels - fitted.heightPixels) / 2)
  const tiles: RgbPicture[] = []
  for (let y = 0; y < canvas.heightPixels; y += side) {
    for (let x = 0; x < canvas.widthPixels; x += side) tiles.push(cut(fitted, x - left, y - top, side))
  }
  return [whole, ...tiles]
}

/**
 * The allowed size that keeps most of the picture's pixels, and of equals the one that wastes least.
 * @returns multiples of the tower's input
 */
export function chooseCanvas({ widthPixels, heightPixels }: PictureSize, { sizes }: Tiling): PictureSize {
  let best: PictureSize | null = null
  let mostKept = 0
  let leastWasted = Number.POSITIVE_INFINITY
  for (const [height, width] of sizes) {
    const scale = Math.min(width / widthPixels, height / heightPixels)
    const fitted = Math.trunc(widthPixels * scale) * Math.trunc(heightPixels * scale)
    const kept = Math.min(fitted, widthPixels * heightPixels)
    const wasted = width * height - kept
    if (kept > mostKept || (kept === mostKept && wasted < leastWasted)) {
      mostKept = kept
      leastWasted = wasted
      best = { widthPixels: width, heightPixels: height }
    }
  }
  const [firstHeight, firstWidth] = sizes[0]!
  // A picture so narrow that nothing of it is kept anywhere still needs a canvas.
  return best ?? { widthPixels: firstWidth, heightPixels: firstHeight }
}

/** Size of the picture when it fills the canvas in one direction, rounded up in the other. */
function sizeWithin({ widthPixels, heightPixels }: PictureSize, canvas: PictureSize): PictureSize {
  const across = canvas.widthPixels / widthPixels
  const down = canvas.heightPixels / heightPixels
  return across < down
    ? {
        widthPixels: canvas.widthPixels,
        heightPixels: Math.min(Math.ceil(heightPixels * across), canvas.heightPixels),
      }
    : { heightPixels: canvas.heightPixels, widthPixels: Math.min(Math.ceil(widthPixels * down), canvas.widthPixels) }
}

/** A square of a picture; what lies outside is black. */
function cut({ widthPixels, heightPixels, rgb }: RgbPicture, left: number, top: number, side: number): RgbPicture {
  const square = new Uint8Array(side * side * 3)
  const first = Math.max(0, left)
  const end = Math.min(widthPixels, left + side)
  for (let y = Math.max(0, top); y < Math.min(heightPixels, top + side) && first < end; y++) {
    const row = rgb.subarray((y * widthPixels + first) * 3, (y * widthPixels + end) * 3)
    square.set(row, ((y - top) * side + first - left) * 3)
  }
  return { widthPixels: side, heightPixels: side, rgb: square }
}
