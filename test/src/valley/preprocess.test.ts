import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PixelRecipe } from '../../../src/model-package/manifest.ts'
import { centreCrop, preprocessFrame, resizedSize } from '../../../src/valley/preprocess.ts'

type Triple = [number, number, number]
interface Fixture {
  mean: Triple
  std: Triple
  cases: {
    widthPixels: number
    heightPixels: number
    resizePixels: number
    cropPixels: number
    filter: PixelRecipe['filter']
  }[]
}

const folder = new URL('../../fixtures/preprocess/', import.meta.url)
const { mean, std, cases } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as Fixture
const frameBytes = readFileSync(new URL('frames.bin', folder))
const valueBytes = readFileSync(new URL('values.bin', folder))
const recipe: PixelRecipe = {
  resizeMode: 'shortest-edge',
  resizePixels: 16,
  filter: 'bilinear',
  cropPixels: 16,
  mean,
  std,
}

describe('preprocessFrame', () => {
  let frameOffset = 0
  let valueOffset = 0
  for (const { widthPixels, heightPixels, ...numbers } of cases) {
    const rgb = frameBytes.subarray(frameOffset, frameOffset + widthPixels * heightPixels * 3)
    const bytes = valueBytes.subarray(valueOffset, valueOffset + numbers.cropPixels ** 2 * 3 * 4)
    const expected = new Float32Array(Uint8Array.from(bytes).buffer)
    frameOffset += rgb.length
    valueOffset += bytes.length

    it(`makes the pixel values of Pillow and torch from ${widthPixels}x${heightPixels}, within 1e-6`, () => {
      const values = preprocessFrame({ widthPixels, heightPixels, rgb }, { ...recipe, ...numbers })
      expect(values.length).toBe(expected.length)
      const errors = values.map((value, index) => Math.abs(value - expected[index]!))
      expect(Math.max(...errors)).toBeLessThanOrEqual(1e-6)
    })
  }

  it('stretches to a square when the recipe says exact', () => {
    const rgb = new Uint8Array(4 * 2 * 3).fill(255)
    const exact: PixelRecipe = { ...recipe, resizeMode: 'exact', resizePixels: 8, cropPixels: null }
    const values = preprocessFrame({ widthPixels: 4, heightPixels: 2, rgb }, exact)
    expect(values.length).toBe(3 * 8 * 8)
    expect(values[0]).toBeCloseTo((1 - mean[0]) / std[0], 6)
  })

  it('refuses a frame whose bytes do not fill its size', () => {
    const frame = { widthPixels: 4, heightPixels: 4, rgb: new Uint8Array(47) }
    expect(() => preprocessFrame(frame, recipe)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })
})

describe('resizedSize', () => {
  it('truncates the long side of shortest-edge', () => {
    const size = resizedSize(
      { widthPixels: 1920, heightPixels: 1080 },
      { resizeMode: 'shortest-edge', resizePixels: 256 },
    )
    expect(size).toEqual({ widthPixels: 455, heightPixels: 256 }) // 455.1
  })

  it('takes the width of an upright frame as the short side', () => {
    const size = resizedSize({ widthPixels: 3, heightPixels: 5 }, { resizeMode: 'shortest-edge', resizePixels: 10 })
    expect(size).toEqual({ widthPixels: 10, heightPixels: 16 }) // 16.7
  })
})

describe('centreCrop', () => {
  it.each([
    [16, 13, 2], // 1.5 rounds up to the even 2
    [18, 13, 2], // 2.5 rounds down to the even 2
    [17, 13, 2],
    [13, 13, 0],
  ])('begins, for a side of %i and a crop of %i, at %i', (side, crop, offset) => {
    const region = centreCrop({ widthPixels: side, heightPixels: 13 }, crop)
    expect(region).toEqual({ left: offset, top: 0, widthPixels: crop, heightPixels: crop })
  })

  it('refuses a crop that is larger than the frame', () => {
    const crop = () => centreCrop({ widthPixels: 12, heightPixels: 16 }, 13)
    expect(crop).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })

  it('refuses an oblong frame where nothing is cropped', () => {
    const crop = () => centreCrop({ widthPixels: 12, heightPixels: 16 }, null)
    expect(crop).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })
})
