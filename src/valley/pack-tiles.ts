// The visual tokens of a picture that was looked at in parts: those of the whole, then those of all parts as one large grid,
// without the rows or columns that show only the black around the picture, with the newline row at each line's end.
// Source: transformers, modeling_llava_onevision.py, pack_image_features and unpad_image (5.23).
import type { Tiling } from '../model-package/manifest.ts'
import { type FeatureGrid, resizeGrid } from './spatial-pooling.ts'
import { chooseCanvas, type PictureSize } from './tile-picture.ts'

/** Only from here on are features made fewer; below, the gain would not be worth the blur. */
const SHRINK_ABOVE_RATIO = 1.1

/**
 * Packs the grids of one picture.
 * @param picture its own size
 * @param grids of the whole and of each part, all of the same size
 * @param side of a part, pixels
 * @param newline [Dl], or null for none
 * @returns [N, Dl]
 */
export function packTiles(
  picture: PictureSize,
  grids: readonly FeatureGrid[],
  tiling: Extract<Tiling, { kind: 'any-resolution' }>,
  side: number,
  newline: Float32Array | null,
): Float32Array {
  const [whole, ...parts] = grids as [FeatureGrid, ...FeatureGrid[]]
  const canvas = chooseCanvas(picture, tiling)
  const large = joinGrids(parts, canvas.widthPixels / side)
  const shown = shrink(withoutPadding(large, picture), whole.rows, tiling.maxTiles)
  return concatenate([whole.values, endLines(shown, newline)])
}

/** Parts row by row become one grid. */
function joinGrids(parts: readonly FeatureGrid[], partsAcross: number): FeatureGrid {
  const { rows, columns, width } = parts[0]!
  const line = columns * width
  const values = new Float32Array(parts.length * rows * line)
  for (const [index, part] of parts.entries()) {
    const firstRow = Math.floor(index / partsAcross) * rows
    for (let row = 0; row < rows; row++) {
      const target = ((firstRow + row) * partsAcross + (index % partsAcross)) * line
      values.set(part.values.subarray(row * line, (row + 1) * line), target)
    }
  }
  return { rows: (parts.length / partsAcross) * rows, columns: partsAcross * columns, width, values }
}

/** Leaves out the lines (or columns) at both ends that the picture does not reach. */
function withoutPadding(grid: FeatureGrid, { widthPixels, heightPixels }: PictureSize): FeatureGrid {
  const { rows, columns, width, values } = grid
  if (widthPixels / heightPixels > columns / rows) {
    const margin = Math.floor((rows - wholePart(heightPixels * (columns / widthPixels))) / 2)
    const kept = values.subarray(margin * columns * width, (rows - margin) * columns * width)
    return { rows: rows - 2 * margin, columns, width, values: kept }
  }
  const margin = Math.floor((columns - wholePart(widthPixels * (rows / heightPixels))) / 2)
  const keptColumns = columns - 2 * margin
  const kept = new Float32Array(rows * keptColumns * width)
  for (let row = 0; row < rows; row++) {
    const start = (row * columns + margin) * width
    kept.set(values.subarray(start, start + keptColumns * width), row * keptColumns * width)
  }
  return { rows, columns: keptColumns, width, values: kept }
}

/** As source: rounded to 7 decimals first, so that 15.99999999 counts as 16. */
function wholePart(value: number): number {
  return Math.trunc(Math.round(value * 1e7) / 1e7)
}

function shrink(grid: FeatureGrid, side: number, maxTiles: number | null): FeatureGrid {
  if (maxTiles === null) return grid
  const ratio = Math.sqrt((grid.rows * grid.columns) / (maxTiles * side ** 2))
  if (ratio <= SHRINK_ABOVE_RATIO) return grid
  return resizeGrid(grid, Math.floor(grid.rows / ratio), Math.floor(grid.columns / ratio))
}

/** The grid's rows one after the other, each with the newline row behind it. */
export function endLines(grid: FeatureGrid, newline: Float32Array | null): Float32Array {
  if (newline === null) return grid.values
  const line = grid.columns * grid.width
  const lines = Array.from({ length: grid.rows }, (_, row) => grid.values.subarray(row * line, (row + 1) * line))
  return concatenate(lines.flatMap((values) => [values, newline]))
}

/** Arrays one after the other in a new one. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
