// The picture cut into cells, as it would be seen: WCAG takes a screen of 1024 x 768 pixels, filled by the clip, and on it a
// visual field of 10 degrees, 341 x 256 pixels, of which a quarter may flash.
import type { Frame } from '../../video/frame.ts'
import { LINEAR_LIGHT, type LinearColour } from './colour.ts'

const SCREEN = { widthPixels: 1024, heightPixels: 768 }
const FIELD = { widthPixels: 341, heightPixels: 256 }
/** Cells of a visual field, each way: a cell is 1.6 % of the field. */
const FIELD_CELLS = 8
/** Pixels of a cell, each way: the mean is taken in linear light, over more than one pixel of the scaled picture. */
const CELL_PIXELS = 4

/** Faster than any screen shows. */
const MOST_COUNTED = 255

/** How a clip is cut. */
export interface FlashGrid {
  readonly columns: number
  readonly rows: number
  /** Size to decode the pictures in. */
  readonly widthPixels: number
  /** Size to decode the pictures in. */
  readonly heightPixels: number
  /** Cells of a visual field in a row; fewer when the clip is narrower. */
  readonly fieldColumns: number
  /** Cells of a visual field in a column; fewer when the clip is lower. */
  readonly fieldRows: number
  /** More cells than this within one field are too many. */
  readonly allowedCells: number
}

/** Cuts a clip of a size. */
export function flashGridOf(size: { readonly widthPixels: number; readonly heightPixels: number }): FlashGrid {
  const scale = Math.min(SCREEN.widthPixels / size.widthPixels, SCREEN.heightPixels / size.heightPixels)
  const cells = (pixels: number, field: number) => Math.max(1, Math.round((pixels * scale * FIELD_CELLS) / field))
  const columns = cells(size.widthPixels, FIELD.widthPixels)
  const rows = cells(size.heightPixels, FIELD.heightPixels)
  return {
    columns,
    rows,
    widthPixels: columns * CELL_PIXELS,
    heightPixels: rows * CELL_PIXELS,
    fieldColumns: Math.min(FIELD_CELLS, columns),
    fieldRows: Math.min(FIELD_CELLS, rows),
    allowedCells: (FIELD_CELLS * FIELD_CELLS) / 4,
  }
}

/**
 * The mean colour of each cell, row by row.
 * @param frame in the grid's size
 */
export function cellColours({ rgb, widthPixels }: Frame, { columns, rows }: FlashGrid): LinearColour[] {
  const colours: LinearColour[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let [red, green, blue] = [0, 0, 0]
      for (let y = row * CELL_PIXELS; y < (row + 1) * CELL_PIXELS; y++) {
        const start = (y * widthPixels + column * CELL_PIXELS) * 3
        for (let at = start; at < start + CELL_PIXELS * 3; at += 3) {
          red += LINEAR_LIGHT[rgb[at]!]!
          green += LINEAR_LIGHT[rgb[at + 1]!]!
          blue += LINEAR_LIGHT[rgb[at + 2]!]!
        }
      }
      const pixels = CELL_PIXELS * CELL_PIXELS
      colours.push({ red: red / pixels, green: green / pixels, blue: blue / pixels })
    }
  }
  return colours
}

/**
 * The largest count that more than the allowed cells of some visual field reach.
 * @param counts one a cell, whole numbers
 */
export function countWithinField(counts: Uint16Array, grid: FlashGrid): number {
  const { columns, rows, fieldColumns, fieldRows, allowedCells } = grid
  let best = 0
  for (let top = 0; top + fieldRows <= rows; top++) {
    for (let left = 0; left + fieldColumns <= columns; left++) {
      const cellsByCount = new Uint8Array(MOST_COUNTED + 1)
      let largest = 0
      for (let row = top; row < top + fieldRows; row++) {
        for (let cell = row * columns + left; cell < row * columns + left + fieldColumns; cell++) {
          const count = Math.min(counts[cell]!, MOST_COUNTED)
          cellsByCount[count]!++
          if (count > largest) largest = count
        }
      }
      let cells = 0
      for (let count = largest; count > best; count--) {
        cells += cellsByCount[count]!
        if (cells > allowedCells) best = count
      }
    }
  }
  return best
}
