import { describe, expect, it } from 'vitest'
import {
  type Orientation,
  orientationFilters,
  orientationFromDisplayMatrix,
  orientationFromExif,
  swapsSides,
} from '../../../src/video/orientation.ts'

/** Where an orientation takes a point, with y down and the picture's middle at 0: flip, then quarter turns clockwise. */
function move({ clockwiseDegrees, flipped }: Orientation, [x, y]: [number, number]): [number, number] {
  let point: [number, number] = [flipped ? -x : x, y]
  for (let turn = 0; turn < clockwiseDegrees; turn += 90) point = [-point[1], point[0]]
  return point.map((value) => value + 0) as [number, number]
}

const ONE = 65536

describe('orientationFromDisplayMatrix', () => {
  it('takes points where the matrix takes them, for all eight orientations', () => {
    const signs = [ONE, -ONE]
    const matrices = signs.flatMap((first) =>
      signs.flatMap((second) => [
        { a: first, b: 0, c: 0, d: second },
        { a: 0, b: first, c: second, d: 0 },
      ]),
    )
    expect(matrices).toHaveLength(8)
    for (const { a, b, c, d } of matrices) {
      const orientation = orientationFromDisplayMatrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
      for (const [x, y] of [
        [2, 1],
        [-2, 1],
      ] as [number, number][]) {
        expect(move(orientation, [x, y])).toEqual([(a * x + c * y) / ONE + 0, (b * x + d * y) / ONE + 0])
      }
    }
  })

  it('goes to the nearer axis for angles between', () => {
    const tilted = [0.98, 0.17, 0, -0.17, 0.98, 0, 0, 0, 1].map((value) => value * ONE)
    expect(orientationFromDisplayMatrix(tilted)).toEqual({ clockwiseDegrees: 0, flipped: false })
  })
})

describe('orientationFromExif', () => {
  it('shows the stored first row and column where the EXIF standard says', () => {
    // CIPA DC-008: where the 0th row and 0th column of the stored picture are to be seen.
    const rows = { 1: 'top', 2: 'top', 3: 'bottom', 4: 'bottom', 5: 'left', 6: 'right', 7: 'right', 8: 'left' }
    const columns = { 1: 'left', 2: 'right', 3: 'right', 4: 'left', 5: 'top', 6: 'top', 7: 'bottom', 8: 'bottom' }
    const side = ([x, y]: [number, number]): string => (x === 0 ? (y < 0 ? 'top' : 'bottom') : x < 0 ? 'left' : 'right')
    for (const tag of [1, 2, 3, 4, 5, 6, 7, 8] as const) {
      const orientation = orientationFromExif(tag)
      expect(side(move(orientation, [0, -1])), `row of ${tag}`).toBe(rows[tag])
      expect(side(move(orientation, [-1, 0])), `column of ${tag}`).toBe(columns[tag])
    }
  })

  it('counts a value outside the standard as upright', () => {
    expect(orientationFromExif(0)).toEqual({ clockwiseDegrees: 0, flipped: false })
    expect(orientationFromExif(9)).toEqual({ clockwiseDegrees: 0, flipped: false })
  })
})

describe('orientationFilters', () => {
  it('flips before it turns, and does nothing to an upright picture', () => {
    expect(orientationFilters({ clockwiseDegrees: 0, flipped: false })).toEqual([])
    expect(orientationFilters({ clockwiseDegrees: 90, flipped: true })).toEqual(['hflip', 'transpose=clock'])
  })

  it('swaps the sides for quarter turns only', () => {
    expect(swapsSides({ clockwiseDegrees: 270, flipped: false })).toBe(true)
    expect(swapsSides({ clockwiseDegrees: 180, flipped: true })).toBe(false)
  })
})
