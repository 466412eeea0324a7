import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type ResizeFilter, type RgbPicture, resizeRgb } from '../../../src/valley/resize.ts'

interface Place {
  offset: number
  widthPixels: number
  heightPixels: number
}
interface Fixture {
  cases: { filter: ResizeFilter; source: Place; result: Place }[]
}

const folder = new URL('../../fixtures/resize/', import.meta.url)
const { cases } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as Fixture
const pixels = readFileSync(new URL('pixels.bin', folder))

function picture({ offset, widthPixels, heightPixels }: Place): RgbPicture {
  return { widthPixels, heightPixels, rgb: pixels.subarray(offset, offset + widthPixels * heightPixels * 3) }
}

for (const { filter, source, result } of cases) {
  const from = `${source.widthPixels}x${source.heightPixels}`
  const to = `${result.widthPixels}x${result.heightPixels}`
  it(`resizes ${from} to ${to} with ${filter} as Pillow does, bit for bit`, () => {
    const { widthPixels, heightPixels } = result
    const resized = resizeRgb(picture(source), { widthPixels, heightPixels }, filter)
    expect(Array.from(resized.rgb)).toEqual(Array.from(picture(result).rgb))
  })

  it(`computes a region of ${from} to ${to} with ${filter} as a cut from the whole`, () => {
    const whole = picture(result)
    const { widthPixels, heightPixels } = result
    const region = { left: 1, top: 1, widthPixels: widthPixels - 2, heightPixels: heightPixels - 2 }
    const part = resizeRgb(picture(source), { widthPixels, heightPixels }, filter, region)
    const cut: number[] = []
    for (let row = 1; row < heightPixels - 1; row++) {
      const start = (row * widthPixels + 1) * 3
      cut.push(...whole.rgb.subarray(start, start + region.widthPixels * 3))
    }
    expect(Array.from(part.rgb)).toEqual(cut)
  })
}

it('leaves a picture as it is when the size stays', () => {
  const source = picture(cases[0]!.source)
  expect(Array.from(resizeRgb(source, source, 'bicubic').rgb)).toEqual(Array.from(source.rgb))
})

it('takes for nearest the pixel in which the corner of the new one lies', () => {
  // 5 pixels to 3: corners at 0, 1.67 and 3.33. 2 rows to 4: at 0, 0.5, 1 and 1.5.
  const source = { widthPixels: 5, heightPixels: 2, rgb: Uint8Array.from({ length: 30 }, (_, at) => at) }
  const { rgb } = resizeRgb(source, { widthPixels: 3, heightPixels: 4 }, 'nearest')
  expect(Array.from(rgb.filter((_, at) => at % 3 === 0))).toEqual([0, 3, 9, 0, 3, 9, 15, 18, 24, 15, 18, 24])
})
