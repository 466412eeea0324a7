import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PixelRecipe } from '../../../src/model-package/manifest.ts'
import { centreCrop, preprocessFrame, resizedSize } from '../../../src/valley/preprocess.ts'
import { formulaFrame } from '../../helpers/family-checkpoint.ts'

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

  describe('with a square of the mean colour around a frame', () => {
    const square: PixelRecipe = { ...recipe, padToSquare: true }
    const [red, green, blue] = mean.map((share) => Math.trunc(share * 255)) as Triple

    it.each([
      ['bilinear', 17, 6, {}],
      ['bicubic', 6, 17, {}],
      ['lanczos', 41, 20, {}],
      ['bicubic', 33, 90, { cropPixels: 12 }],
      ['bicubic', 40, 21, { longestEdgeFirstPixels: 30 }],
      ['nearest', 21, 40, {}],
    ] as const)('gives the same values as of that square (%s, %ix%i)', (filter, widthPixels, heightPixels, more) => {
      const frame = formulaFrame(5, widthPixels, heightPixels)
      const side = Math.max(widthPixels, heightPixels)
      const [left, top] = [Math.floor((side - widthPixels) / 2), Math.floor((side - heightPixels) / 2)]
      const padded = new Uint8Array(Array.from({ length: side * side }, () => [red, green, blue]).flat())
      for (let row = 0; row < heightPixels; row++) {
        const line = frame.rgb.subarray(row * widthPixels * 3, (row + 1) * widthPixels * 3)
        padded.set(line, ((top + row) * side + left) * 3)
      }
      const expected = preprocessFrame(
        { widthPixels: side, heightPixels: side, rgb: padded },
        { ...recipe, filter, ...more },
      )
      expect(preprocessFrame(frame, { ...square, filter, ...more })).toEqual(expected)
    })

    it.each([
      [20_000, 100],
      [100, 20_000],
    ])('takes no memory for what lies around %ix%i', (widthPixels, heightPixels) => {
      // The square would take 1.2 GB. The white line lies between the two middle pixels of the result.
      const rgb = new Uint8Array(widthPixels * heightPixels * 3).fill(255)
      const before = process.memoryUsage().arrayBuffers
      const values = preprocessFrame({ widthPixels, heightPixels, rgb }, square)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
      const level = (place: number) => Math.round((values[place]! * std[0] + mean[0]) * 255)
      const step = widthPixels > heightPixels ? 16 : 1
      const across = Array.from({ length: 16 }, (_, place) => level(place * step))
      expect([...across.slice(0, 7), ...across.slice(9)]).toEqual(Array(14).fill(red))
      // The line of 100 pixels lies half way down the filter's triangle, whose area is 1250: 0.04 of white, the rest ground.
      expect(across.slice(7, 9)).toEqual(Array(2).fill(Math.round(0.04 * 255 + 0.96 * red)))
    })
  })

  it('refuses a stripe, in one line that says what would do', () => {
    const stripe = { widthPixels: 1, heightPixels: 201, rgb: new Uint8Array(201 * 3) }
    expect(() => preprocessFrame(stripe, recipe)).toThrow(
      /^The pictures of the clip have 1 x 201 pixels; [^\n]*200 times[^\n]*$/,
    )
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
