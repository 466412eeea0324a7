import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flashGridOf } from '../../../../src/moderation/flashes/flash-grid.ts'
import { type FlashMeasure, measureFlashes } from '../../../../src/moderation/flashes/measure-flashes.ts'
import { openClip } from '../../../../src/video/open-clip.ts'
import { type Colour, INSTALLED_TOOLS, LOSSLESS_H264, writeClip } from '../../../helpers/make-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** On a screen of 1024 x 768, WCAG's measure, this clip's 10 degrees are 85.25 x 64 pixels; a quarter is 1364 of them. */
const WIDTH = 256
const HEIGHT = 192
const RATE = 30
const BLACK: Colour = [0, 0, 0]
const WHITE: Colour = [255, 255, 255]
const grey = (value: number): Colour => [value, value, value]

interface Flashing {
  readonly dark: Colour
  readonly light: Colour
  /** Pairs of opposing changes a second. */
  readonly flashesPerSecond: number
  readonly seconds?: number
  /** Flashes only from here on. */
  readonly fromSeconds?: number
  /** Side of the square that flashes, from 64 pixels left and above; default the whole picture. */
  readonly sidePixels?: number
}

/** Light and dark in turns, each half a period long, as the definition of a flash has it. */
function flashingPictures({
  dark,
  light,
  flashesPerSecond,
  seconds = 3,
  fromSeconds = 0,
  sidePixels,
}: Flashing): Buffer[] {
  const paint = (colour: Colour) => {
    const picture = Buffer.alloc(WIDTH * HEIGHT * 3, Buffer.from(dark))
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const within = sidePixels === undefined || (x >= 64 && x < 64 + sidePixels && y >= 64 && y < 64 + sidePixels)
        if (within) picture.set(colour, (y * WIDTH + x) * 3)
      }
    }
    return picture
  }
  const [darkPicture, lightPicture] = [paint(dark), paint(light)]
  return Array.from({ length: seconds * RATE }, (_, picture) => {
    const half = Math.floor((picture / RATE - fromSeconds) * 2 * flashesPerSecond + 1e-9)
    return half > 0 && half % 2 === 1 ? lightPicture : darkPicture
  })
}

async function measure(pictures: readonly Buffer[]): Promise<Record<FlashMeasure['kind'], FlashMeasure>> {
  const path = join(temporaryFolder(), 'flashes.mp4')
  writeClip({ path, width: WIDTH, height: HEIGHT, pictures, rate: String(RATE), options: LOSSLESS_H264 })
  await using opened = await openClip(path, { tools: INSTALLED_TOOLS })
  const grid = flashGridOf(opened.info)
  const [general, red] = await measureFlashes(opened.decodeTiny(grid), grid)
  return { general: general!, red: red! }
}

describe('flashing light in a clip', () => {
  it.each([1, 3])('is within the limit at %d flashes a second', async (flashesPerSecond) => {
    const { general, red } = await measure(flashingPictures({ dark: BLACK, light: WHITE, flashesPerSecond }))
    expect(general).toEqual({ kind: 'general', flashesPerSecond, spans: [] })
    expect(red).toEqual({ kind: 'red', flashesPerSecond: 0, spans: [] })
  })

  it.each([5, 15])('is above it at %d flashes a second', async (flashesPerSecond) => {
    const { general } = await measure(flashingPictures({ dark: BLACK, light: WHITE, flashesPerSecond }))
    expect(general.flashesPerSecond).toBe(flashesPerSecond)
    expect(general.spans).toHaveLength(1)
  })

  it('says from when to when', async () => {
    // Two seconds dark, then five flashes a second until the last picture.
    const flashing = { dark: BLACK, light: WHITE, flashesPerSecond: 5, seconds: 4, fromSeconds: 2 }
    const { spans } = (await measure(flashingPictures(flashing))).general
    expect(spans).toHaveLength(1)
    // The first change comes half a period, 0.1 s, after the beginning, the last within half a period before the end.
    expect(spans[0]!.startSeconds).toBeCloseTo(2.1, 6)
    expect(spans[0]!.endSeconds).toBeCloseTo(3.9, 6)
  })

  it.each<[string, Colour, Colour, number]>([
    // Relative luminances by the definition: 128 is 0.2159, 148 is 0.2961, 154 is 0.3231.
    ['of less than a tenth of white', grey(128), grey(148), 0],
    ['of more than a tenth of white', grey(128), grey(154), 5],
    // 229 is 0.7835, 232 is 0.8070.
    ['whose darker side is darker than 0.8', grey(229), WHITE, 5],
    ['whose darker side is lighter than 0.8', grey(232), WHITE, 0],
  ])('is measured by changes %s', async (_what, dark, light, flashesPerSecond) => {
    const { general } = await measure(flashingPictures({ dark, light, flashesPerSecond: 5 }))
    expect(general.flashesPerSecond).toBe(flashesPerSecond)
  })

  it.each([
    // 32 x 32 is 1024 pixels, 19 % of the field; 48 x 48 is 2304, 42 %.
    ['less', 32, 0],
    ['more', 48, 5],
  ])('counts when it takes %s than a quarter of 10 degrees', async (_what, sidePixels, flashesPerSecond) => {
    const flashing = { dark: BLACK, light: WHITE, flashesPerSecond: 5, sidePixels }
    expect((await measure(flashingPictures(flashing))).general.flashesPerSecond).toBe(flashesPerSecond)
  })

  it.each<[string, Colour, number]>([
    // Of linear light (1, 0, 0) all is red; of (255, 120, 120), 1 of 1.376, 73 %, too little.
    ['saturated red', [255, 0, 0], 5],
    ['pink', [255, 120, 120], 0],
  ])('of one luminance counts as red flashes for %s', async (_what, light, flashesPerSecond) => {
    // Greys of the same relative luminance: 0.2126 is 127; 0.2126 + 0.7874 * 0.1878 = 0.3605 is 162.
    const dark = flashesPerSecond > 0 ? grey(127) : grey(162)
    const { general, red } = await measure(flashingPictures({ dark, light, flashesPerSecond: 5 }))
    expect(general.flashesPerSecond).toBe(0)
    expect(red.flashesPerSecond).toBe(flashesPerSecond)
    expect(red.spans).toHaveLength(flashesPerSecond > 0 ? 1 : 0)
  })

  it('is not a slow change, nor one bright cut', async () => {
    const fade = Array.from({ length: 90 }, (_, picture) => Buffer.alloc(WIDTH * HEIGHT * 3, picture * 2))
    const cut = Array.from({ length: 60 }, (_, picture) => Buffer.alloc(WIDTH * HEIGHT * 3, picture < 30 ? 0 : 255))
    // One change each, which nothing undoes: half a flash.
    expect((await measure(fade)).general).toEqual({ kind: 'general', flashesPerSecond: 0.5, spans: [] })
    expect((await measure(cut)).general).toEqual({ kind: 'general', flashesPerSecond: 0.5, spans: [] })
  })
})

describe('flashGridOf', () => {
  it('cuts a field of 10 degrees, a ninth of a screen, into 64 cells', () => {
    expect(flashGridOf({ widthPixels: 1024, heightPixels: 768 })).toMatchObject({
      columns: 24,
      rows: 24,
      fieldColumns: 8,
      fieldRows: 8,
      allowedCells: 16,
    })
  })

  it('fills the screen with any clip and gives up no cell of a narrow one', () => {
    // 1080 x 1920 is seen as 432 x 768: 432 / 341 * 8 = 10.1 columns.
    expect(flashGridOf({ widthPixels: 1080, heightPixels: 1920 })).toMatchObject({ columns: 10, rows: 24 })
    expect(flashGridOf({ widthPixels: 100, heightPixels: 4000 })).toMatchObject({ columns: 1, fieldColumns: 1 })
  })
})
