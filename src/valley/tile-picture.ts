// A still picture in parts, squares of the tower's input, in the three ways that families use.
// Sources in transformers 5.23: image_processing_llava_onevision.py, image_processing_got_ocr2.py (InternVL's),
// image_processing_smolvlm.py.
import { assertNever } from '../assert.ts'
import type { Tiling } from '../model-package/manifest.ts'
import { longestEdgeSize } from './preprocess.ts'
import { type ResizeFilter, type RgbPicture, resizeRgb } from './resize.ts'

/** Above this no side is enlarged. */
const MAX_SIDE_PIXELS = 4096

/** Size of a picture or of the canvas that it stands on, pixels. */
export interface PictureSize {
  readonly widthPixels: number
  readonly heightPixels: number
}

/** The parts of a picture, and how they lie where the prompt tells of it. */
export interface TiledPicture {
  readonly pictures: readonly RgbPicture[]
  readonly tiles?: { readonly rows: number; readonly columns: number }
}

/** Cuts a picture into squares of `side` pixels; the whole comes first for any-resolution, last for the other two. */
export function tilePicture(picture: RgbPicture, tiling: Tiling, side: number, filter: ResizeFilter): TiledPicture {
  const square = { widthPixels: side, heightPixels: side }
  switch (tiling.kind) {
    case 'any-resolution': {
      const canvas = chooseCanvas(picture, tiling)
      const fitted = resizeRgb(picture, sizeWithin(picture, canvas), filter)
      return { pictures: [resizeRgb(picture, square, filter), ...cutAll(fitted, canvas, side)] }
    }
    case 'nearest-grid': {
      const { columns, rows } = nearestGrid(picture, tiling, side)
      const canvas = { widthPixels: columns * side, heightPixels: rows * side }
      const tiles = cutAll(resizeRgb(picture, canvas, filter), canvas, side)
      return { pictures: tiles.length === 1 ? tiles : [...tiles, resizeRgb(picture, square, filter)] }
    }
    case 'split': {
      const sized = resizeRgb(picture, boundedSize(longestEdgeSize(picture, tiling.longestEdgePixels)), filter)
      const canvas = wholeParts(sized, side)
      const stretched = resizeRgb(sized, canvas, filter)
      if (canvas.widthPixels <= side && canvas.heightPixels <= side) return { pictures: [stretched] }
      const tiles = { rows: canvas.heightPixels / side, columns: canvas.widthPixels / side }
      return { pictures: [...cutAll(stretched, canvas, side), resizeRgb(stretched, square, filter)], tiles }
    }
    default:
      return assertNever(tiling)
  }
}

/** The squares of a canvas row by row, the picture in its middle. */
function cutAll(picture: RgbPicture, canvas: PictureSize, side: number): RgbPicture[] {
  const left = Math.floor((canvas.widthPixels - picture.widthPixels) / 2)
  const top = Math.floor((canvas.heightPixels - picture.heightPixels) / 2)
  const tiles: RgbPicture[] = []
  for (let y = 0; y < canvas.heightPixels; y += side) {
    for (let x = 0; x < canvas.widthPixels; x += side) tiles.push(cut(picture, x - left, y - top, side))
  }
  return tiles
}

/** The grid of parts nearest in shape; of equals the largest that the picture fills by more than half. */
function nearestGrid(
  { widthPixels, heightPixels }: PictureSize,
  { minTiles, maxTiles }: { readonly minTiles: number; readonly maxTiles: number },
  side: number,
): { columns: number; rows: number } {
  const counts = Array.from({ length: maxTiles }, (_, index) => index + 1)
  const grids = counts
    .flatMap((columns) => counts.map((rows) => ({ columns, rows })))
    .filter(({ columns, rows }) => columns * rows >= minTiles && columns * rows <= maxTiles)
    .sort((a, b) => a.columns * a.rows - b.columns * b.rows)
  let best = { columns: 1, rows: 1 }
  let least = Number.POSITIVE_INFINITY
  for (const grid of grids) {
    const difference = Math.abs(widthPixels / heightPixels - grid.columns / grid.rows)
    const fills = widthPixels * heightPixels > 0.5 * side * side * grid.columns * grid.rows
    if (difference < least || (difference === least && fills)) best = grid
    least = Math.min(least, difference)
  }
  return best
}

function boundedSize({ widthPixels, heightPixels }: PictureSize): PictureSize {
  const longest = Math.max(widthPixels, heightPixels)
  if (longest <= MAX_SIDE_PIXELS) return { widthPixels, heightPixels }
  const aspect = widthPixels / heightPixels
  return widthPixels >= heightPixels
    ? { widthPixels: MAX_SIDE_PIXELS, heightPixels: Math.max(1, Math.trunc(MAX_SIDE_PIXELS / aspect)) }
    : { widthPixels: Math.max(1, Math.trunc(MAX_SIDE_PIXELS * aspect)), heightPixels: MAX_SIDE_PIXELS }
}

/** The next larger whole number of parts: the longer side first, the other in proportion to it. */
function wholeParts({ widthPixels, heightPixels }: PictureSize, side: number): PictureSize {
  const up = (pixels: number) => Math.ceil(pixels / side) * side
  const aspect = widthPixels / heightPixels
  if (widthPixels >= heightPixels) {
    const width = up(widthPixels)
    return { widthPixels: width, heightPixels: up(Math.trunc(width / aspect)) }
  }
  const height = up(heightPixels)
  return { widthPixels: up(Math.trunc(height * aspect)), heightPixels: height }
}

/**
 * The allowed size that keeps most of the picture's pixels, and of equals the one that wastes least.
 * @returns multiples of the tower's input
 */
export function chooseCanvas(
  { widthPixels, heightPixels }: PictureSize,
  { sizes }: { readonly sizes: readonly (readonly [number, number])[] },
): PictureSize {
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
