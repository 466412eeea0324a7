import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hashPictures, looksAlike } from '../../../../src/moderation/watch/picture-hash.ts'
import { openClip } from '../../../../src/video/open-clip.ts'
import { INSTALLED_TOOLS, LOSSLESS_H264, solidPicture, writeClip } from '../../../helpers/make-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const CODED_ANEW = ['-c:v', 'libx264', '-crf', '32', '-pix_fmt', 'yuv420p', '-threads', '1']

/** A bright bar that wanders over a dark ground, one column a picture. */
function bar(size: number, offset: number, picture: number): Buffer {
  const pixels = Array.from({ length: size * size }, (_, index) => {
    const column = Math.floor(((index % size) * 32) / size)
    return column >= picture + offset && column < picture + offset + 6 ? 220 : 30
  })
  return Buffer.from(pixels.flatMap((value) => [value, value, value]))
}

async function hashOf(
  pictures: readonly Buffer[],
  size: number,
  options: readonly string[] = LOSSLESS_H264,
  rate = '10',
) {
  const path = writeClip({
    path: join(temporaryFolder(), 'clip.mp4'),
    width: size,
    height: size,
    pictures,
    options,
    rate,
  })
  await using opened = await openClip(path, { tools: INSTALLED_TOOLS })
  return await hashPictures(opened)
}

const wander = (size: number, offset: number, count = 10) =>
  Array.from({ length: count }, (_, picture) => bar(size, offset, picture))

it('knows a clip again that was scaled and coded anew', async () => {
  const original = await hashOf(wander(128, 2), 128)
  expect(looksAlike(original, await hashOf(wander(64, 2), 64, CODED_ANEW))).toBe(true)
})

it('takes no other clip for the same, nor a longer one', async () => {
  const original = await hashOf(wander(128, 2), 128)
  expect(looksAlike(original, await hashOf(wander(128, 12), 128))).toBe(false)
  expect(looksAlike(original, await hashOf(wander(128, 2, 16), 128))).toBe(false)
})

it('looks at more frames of a longer clip, so that a second in it that differs makes another clip', async () => {
  const pictures = Array.from({ length: 12 }, () => bar(64, 2, 3))
  const inBetween = pictures.map((picture, second) => (second === 5 ? bar(64, 2, 20) : picture))
  const aSecondEach = (all: readonly Buffer[]) => hashOf(all, 64, LOSSLESS_H264, '1')
  const original = await aSecondEach(pictures)
  expect(looksAlike(original, original)).toBe(true)
  expect(looksAlike(original, await aSecondEach(inBetween))).toBe(false)
})

it('knows a clip of over a minute by its bytes alone, since what differs would fall between two frames', async () => {
  const pictures = Array.from({ length: 61 }, () => bar(64, 2, 3))
  const minute = await hashOf(pictures.slice(1), 64, LOSSLESS_H264, '1')
  expect(looksAlike(minute, minute)).toBe(true)
  const longer = await hashOf(pictures, 64, LOSSLESS_H264, '1')
  expect(longer).toEqual({ digits: '', durationSeconds: 61 })
  expect(looksAlike(longer, longer)).toBe(false)
})

it('takes small things on an even ground for what they are, and knows each again', async () => {
  const thing = (size: number, isTriangle: boolean) => {
    const pixels = Array.from({ length: size * size }, (_, index) => {
      const [x, y] = [(index % size) / size - 0.3, Math.floor(index / size) / size - 0.3]
      return x >= 0 && y >= 0 && y < 0.4 && x < (isTriangle ? y : 0.4) ? 40 : 200
    })
    return Array.from({ length: 4 }, () => Buffer.from(pixels.flatMap((value) => [value, value, value])))
  }
  const square = await hashOf(thing(128, false), 128)
  expect(looksAlike(square, await hashOf(thing(64, false), 64, CODED_ANEW))).toBe(true)
  expect(looksAlike(square, await hashOf(thing(128, true), 128))).toBe(false)
})

it('says nothing of even pictures, which all look alike', async () => {
  const even = Array.from({ length: 10 }, () => solidPicture(64, 64, [90, 90, 90]))
  expect(looksAlike(await hashOf(even, 64), await hashOf(even, 64))).toBe(false)
})
