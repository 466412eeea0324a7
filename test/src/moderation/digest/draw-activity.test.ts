import sharp from 'sharp'
import { expect, it } from 'vitest'
import { drawActivity } from '../../../../src/moderation/digest/draw-activity.ts'

it('draws a bar for each stretch, the alerts in it apart', async () => {
  const bars = [
    { label: '00', clips: 4, alerts: 1 },
    { label: '12', clips: 2, alerts: 0 },
  ]
  const { data, info } = await sharp(await drawActivity(bars))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([720, 240])
  /** Two bars share the 640 pixels between the margins; the longest is 160 high and stands on row 200. */
  const at = (bar: number, height: number) => {
    const start = ((199 - Math.round(height)) * info.width + 40 + bar * 320 + 160) * 3
    return [...data.subarray(start, start + 3)]
  }
  const [grey, orange, background] = [
    [0x8a, 0x8f, 0x98],
    [0xff, 0x9f, 0x40],
    [0x18, 0x19, 0x1c],
  ]
  expect([at(0, 20), at(0, 60), at(0, 150)]).toEqual([orange, grey, grey])
  expect([at(1, 20), at(1, 60), at(1, 100)]).toEqual([grey, grey, background])
})

it('draws a picture of nothing too', async () => {
  expect(await sharp(await drawActivity([])).metadata()).toMatchObject({ width: 720, height: 240 })
})
