import sharp from 'sharp'
import { expect, it } from 'vitest'
import type { Frame } from '../../../src/video/frame.ts'
import { makeThumbnail, thumbnailIndices } from '../../../src/video/thumbnail.ts'

function frame(widthPixels: number, heightPixels: number, colour: readonly [number, number, number]): Frame {
  const rgb = new Uint8Array(widthPixels * heightPixels * 3)
  for (let at = 0; at < rgb.length; at++) rgb[at] = colour[at % 3]!
  return { timeSeconds: 1.5, widthPixels, heightPixels, rgb }
}

it.each([
  ['a wide frame', 1920, 1080, 160, 90],
  ['a tall frame', 1080, 1920, 68, 120],
  ['a square frame', 500, 500, 120, 120],
  ['a small frame', 40, 30, 40, 30],
])('fits %s into the strip and keeps its shape', async (_, width, height, widthPixels, heightPixels) => {
  const thumbnail = await makeThumbnail(frame(width, height, [10, 20, 30]))
  expect(thumbnail).toMatchObject({ timeSeconds: 1.5, widthPixels, heightPixels })
})

it('shows the colours of its frame and leaves the frame as it was', async () => {
  const seen = frame(320, 180, [200, 60, 20])
  const before = seen.rgb.slice()
  const { data } = await sharp((await makeThumbnail(seen)).jpeg)
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(seen.rgb).toEqual(before)
  // JPEG rounds by a few steps.
  for (const [channel, value] of [200, 60, 20].entries()) expect(Math.abs(data[channel]! - value)).toBeLessThan(6)
})

it('chooses frames evenly, with the first and the last', () => {
  expect(thumbnailIndices(3, 16)).toEqual([0, 1, 2])
  expect(thumbnailIndices(16, 16)).toHaveLength(16)
  expect(thumbnailIndices(9, 3)).toEqual([0, 4, 8])
  expect(thumbnailIndices(100, 16).at(-1)).toBe(99)
  expect(new Set(thumbnailIndices(17, 16)).size).toBe(16)
  expect(thumbnailIndices(0, 16)).toEqual([])
})
