import { describe, expect, it } from 'vitest'
import { cutWindows } from '../../../src/moderation/windows.ts'

const TENTHS = Array.from({ length: 100 }, (_, index) => index / 10)
const settings = { windowSeconds: 1, framesPerWindow: 2, maxDurationSeconds: 600 }

describe('cutWindows', () => {
  it('cuts a clip into equal windows, whose pictures stand in the middle of their parts', () => {
    const windows = cutWindows(TENTHS.slice(0, 20), 2, settings)
    // Moments 0.25, 0.75, 1.25 and 1.75; the picture of each is the last at or before it.
    expect(windows).toEqual([
      { startSeconds: 0, endSeconds: 1, pictureIndices: [2, 7] },
      { startSeconds: 1, endSeconds: 2, pictureIndices: [12, 17] },
    ])
  })

  it.each([
    [2.4, [1, 2.4]],
    [2.5, [1, 2, 2.5]],
    [0.2, [0.2]],
  ])('joins a rest of less than half a window to the one before: %d s', (seconds, ends) => {
    const windows = cutWindows(TENTHS.slice(0, seconds * 10), seconds, settings)
    expect(windows.map(({ endSeconds }) => endSeconds)).toEqual(ends)
  })

  it('ends at the longest look', () => {
    const windows = cutWindows(TENTHS, 10, { ...settings, maxDurationSeconds: 3 })
    expect(windows.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
  })

  it('shows a picture to every window that it lasts through, and an image once', () => {
    expect(cutWindows([0, 5], 6, settings).map(({ pictureIndices }) => pictureIndices)).toEqual([
      [0],
      [0],
      [0],
      [0],
      [0],
      [1],
    ])
    expect(cutWindows([0], 0, settings)).toEqual([{ startSeconds: 0, endSeconds: 0, pictureIndices: [0] }])
  })
})
