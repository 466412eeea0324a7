import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { drawLabel } from '../../../src/video/clock-digits.ts'
import { drawStoryboard } from '../../../src/video/storyboard.ts'
import { makeThumbnail, type Thumbnail } from '../../../src/video/thumbnail.ts'

const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
] as const

function thumbnail(colour: readonly number[], widthPixels = 160, heightPixels = 90): Promise<Thumbnail> {
  const rgb = Uint8Array.from({ length: widthPixels * heightPixels * 3 }, (_, at) => colour[at % 3]!)
  return makeThumbnail({ timeSeconds: 0, widthPixels, heightPixels, rgb })
}

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  return {
    ...info,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)],
  }
}

describe('a storyboard', () => {
  it('shows the frames in rows of four, in order', async () => {
    const tiles = await Promise.all(
      COLOURS.map(async (colour) => ({ thumbnail: await thumbnail(colour), label: '0:01' })),
    )
    const { png, widthPixels, heightPixels } = await drawStoryboard(tiles)
    const picture = await pixels(png)
    // Four of 160 and five gaps of 4; two of 90 and three gaps.
    expect([picture.width, picture.height]).toEqual([660, 192])
    expect([widthPixels, heightPixels]).toEqual([660, 192])
    for (const [index, colour] of COLOURS.entries()) {
      const [x, y] = [4 + (index % 4) * 164 + 80, 4 + Math.floor(index / 4) * 94 + 40]
      const seen = picture.at(x, y)
      for (const channel of [0, 1, 2]) expect(Math.abs(seen[channel]! - colour[channel]!)).toBeLessThan(8)
    }
  })

  it('writes each time into the lower left corner of its frame', async () => {
    const label = drawLabel('1:07')
    const { png } = await drawStoryboard([{ thumbnail: await thumbnail([0, 0, 255]), label: '1:07' }])
    const picture = await pixels(png)
    const top = 4 + 90 - label.heightPixels
    for (let y = 0; y < label.heightPixels; y++) {
      for (let x = 0; x < label.widthPixels; x++) {
        const at = (y * label.widthPixels + x) * 3
        expect(picture.at(4 + x, top + y)).toEqual([...label.rgb.subarray(at, at + 3)])
      }
    }
  })

  it('frames in red what is marked, and hides nothing of it', async () => {
    const blue = await thumbnail([0, 0, 255])
    const picture = await pixels(
      (
        await drawStoryboard([
          { thumbnail: blue, label: '0:00' },
          { thumbnail: blue, label: '0:01', isMarked: true },
        ])
      ).png,
    )
    // Both are 12 pixels from the edge and from each other. Above the second: red, a dark line, its first row.
    expect([picture.at(92, 9), picture.at(264, 9), picture.at(264, 11)]).toEqual([
      [24, 25, 28],
      [255, 64, 64],
      [24, 25, 28],
    ])
    expect(picture.at(264, 12)).toEqual(picture.at(92, 12))
  })

  it('gives frames of different shapes cells of one size', async () => {
    const tiles = [
      { thumbnail: await thumbnail([255, 0, 0]), label: '0:00' },
      { thumbnail: await thumbnail([0, 255, 0], 68, 120), label: '0:01' },
    ]
    const { widthPixels, heightPixels } = await drawStoryboard(tiles)
    expect([widthPixels, heightPixels]).toEqual([4 + 164 * 2, 4 + 124])
  })

  it('has room for the time of a frame of one pixel', async () => {
    const { widthPixels } = await drawStoryboard([{ thumbnail: await thumbnail([9, 9, 9], 1, 1), label: '10:00:00' }])
    expect(widthPixels).toBe(drawLabel('10:00:00').widthPixels + 8)
  })
})

describe('a label', () => {
  it('draws each digit as something of its own, white on black', () => {
    const drawn = [...'0123456789:'].map((character) => Buffer.from(drawLabel(character).rgb).toString('hex'))
    expect(new Set(drawn).size).toBe(11)
    for (const hex of drawn) {
      expect(hex).toContain('ffffff')
      expect(hex).toMatch(/^(?:000000|ffffff)+$/)
    }
  })
})
