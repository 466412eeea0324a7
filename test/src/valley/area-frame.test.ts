import { describe, expect, it } from 'vitest'
import type { PixelRecipe } from '../../../src/model-package/manifest.ts'
import { areaSize, preprocessAreaFrame } from '../../../src/valley/area-frame.ts'
import { formulaFrame } from '../../helpers/family-checkpoint.ts'

const area = { sideMultiple: 28, leastPixels: 3136, mostPixels: 200704 }

describe('a frame that keeps its shape', () => {
  it.each([
    // smart_resize of transformers 5.23 with factor 28, both sides as [width, height].
    [[1920, 1080], 200704, [588, 336]],
    [[1080, 1920], 802816, [672, 1176]],
    [[640, 360], 200704, [588, 336]],
    [[640, 480], 802816, [644, 476]],
    [[30, 20], 200704, [84, 56]],
    [[42, 42], 200704, [56, 56]],
    [[98, 70], 200704, [112, 56]],
    [[2000, 10], 200704, [812, 28]],
    [[448, 448], 200704, [448, 448]],
  ] as const)('of %j within %i pixels becomes %j, as in transformers', ([width, height], mostPixels, expected) => {
    const { widthPixels, heightPixels } = areaSize(
      { widthPixels: width, heightPixels: height },
      { ...area, mostPixels },
    )
    expect([widthPixels, heightPixels]).toEqual(expected)
  })

  it('is refused when it is a stripe, in one line that says what would do', () => {
    const stripe = { widthPixels: 2020, heightPixels: 10 }
    expect(() => areaSize(stripe, area)).toThrow(
      /^The pictures of the clip have 2020 x 10 pixels; [^\n]*200 times[^\n]*$/,
    )
  })

  it('is normalised channel by channel, without a resize where its size fits', () => {
    const recipe: PixelRecipe = {
      resizeMode: 'area',
      resizePixels: 448,
      filter: 'bicubic',
      cropPixels: null,
      area,
      mean: [0, 0.5, 0],
      std: [1, 0.5, 1],
    }
    const frame = formulaFrame(3, 84, 56)
    const { values, widthPixels, heightPixels } = preprocessAreaFrame(frame, recipe)
    expect([widthPixels, heightPixels, values.length]).toEqual([84, 56, 3 * 84 * 56])
    for (const pixel of [0, 1, 84, 84 * 56 - 1]) {
      expect(values[pixel]).toBeCloseTo(frame.rgb[pixel * 3]! / 255, 6)
      expect(values[84 * 56 + pixel]).toBeCloseTo((frame.rgb[pixel * 3 + 1]! / 255 - 0.5) / 0.5, 6)
    }
  })
})
