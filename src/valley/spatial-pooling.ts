// Spatial pooling: the features of one frame, a square grid, become fewer. Four ways that families use; each works on a grid
// of any width, so the same code serves before the projector and after it.
import { assert, assertNever } from '../assert.ts'
import type { SpatialPool } from '../model-package/manifest.ts'

/** Features on a grid, row by row. */
export interface FeatureGrid {
  readonly rows: number
  readonly columns: number
  readonly width: number
  /** [rows * columns, width] float32 row-major */
  readonly values: Float32Array
}

/** Pools a grid in one of the ways. @returns a newly allocated grid */
export function poolGrid(grid: FeatureGrid, by: SpatialPool): FeatureGrid {
  switch (by.kind) {
    case 'average':
      return poolSquares(grid, by.size, (a, b) => a + b, by.size ** 2)
    case 'max':
      return poolSquares(grid, by.size, Math.max, 1)
    case 'halve':
      return resizeGrid(grid, Math.ceil(grid.rows / 2), Math.ceil(grid.columns / 2))
    case 'pixel-shuffle':
      return shufflePixels(grid, by.factor)
    default:
      return assertNever(by)
  }
}

/** Rows and columns that a pool leaves of a square grid, and how much wider each feature becomes. */
export function pooledSize(side: number, by: SpatialPool): { side: number; widening: number } {
  switch (by.kind) {
    case 'average':
    case 'max':
      return { side: Math.floor(side / by.size), widening: 1 }
    case 'halve':
      return { side: Math.ceil(side / 2), widening: 1 }
    case 'pixel-shuffle':
      return { side: Math.floor(side / by.factor), widening: by.factor ** 2 }
    default:
      return assertNever(by)
  }
}

function poolSquares(
  { rows, columns, width, values }: FeatureGrid,
  size: number,
  combine: (a: number, b: number) => number,
  divisor: number,
): FeatureGrid {
  const outRows = Math.floor(rows / size)
  const outColumns = Math.floor(columns / size)
  const pooled = new Float32Array(outRows * outColumns * width)
  for (let row = 0; row < outRows; row++) {
    for (let column = 0; column < outColumns; column++) {
      const target = (row * outColumns + column) * width
      for (let channel = 0; channel < width; channel++) {
        const at = (dy: number, dx: number) =>
          values[((row * size + dy) * columns + column * size + dx) * width + channel]!
        let sum = at(0, 0)
        for (let part = 1; part < size * size; part++) sum = combine(sum, at(Math.floor(part / size), part % size))
        pooled[target + channel] = sum / divisor
      }
    }
  }
  return { rows: outRows, columns: outColumns, width, values: pooled }
}

/**
 * Bilinear resize as torch's interpolate with align_corners false and no antialias: pixel centres correspond, edges repeat.
 */
export function resizeGrid(grid: FeatureGrid, outRows: number, outColumns: number): FeatureGrid {
  const { columns, width, values } = grid
  const vertical = blends(grid.rows, outRows)
  const horizontal = blends(columns, outColumns)
  const resized = new Float32Array(outRows * outColumns * width)
  for (const [row, { first: top, second: bottom, share: down }] of vertical.entries()) {
    for (const [column, { first: left, second: right, share: across }] of horizontal.entries()) {
      const target = (row * outColumns + column) * width
      for (let channel = 0; channel < width; channel++) {
        const at = (y: number, x: number) => values[(y * columns + x) * width + channel]!
        const upper = at(top, left) * (1 - across) + at(top, right) * across
        const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across
        resized[target + channel] = upper * (1 - down) + lower * down
      }
    }
  }
  return { rows: outRows, columns: outColumns, width, values: resized }
}

/** For each place of the output: the two places it lies between, and the share of the second. */
function blends(inSize: number, outSize: number): { first: number; second: number; share: number }[] {
  return Array.from({ length: outSize }, (_, index) => {
    const position = Math.max(0, (index + 0.5) * (inSize / outSize) - 0.5)
    const first = Math.floor(position)
    return { first, second: Math.min(first + 1, inSize - 1), share: position - first }
  })
}

/** Each square becomes one feature: its rows one after the other, each from left to right. */
function shufflePixels({ rows, columns, width, values }: FeatureGrid, factor: number): FeatureGrid {
  assert(rows % factor === 0 && columns % factor === 0, `a grid of ${rows} x ${columns} has no squares of ${factor}`)
  const outColumns = columns / factor
  const outWidth = width * factor ** 2
  const shuffled = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const source = (row * columns + column) * width
      const square = Math.floor(row / factor) * outColumns + Math.floor(column / factor)
      const part = (row % factor) * factor + (column % factor)
      shuffled.set(values.subarray(source, source + width), square * outWidth + part * width)
    }
  }
  return { rows: rows / factor, columns: outColumns, width: outWidth, values: shuffled }
}
