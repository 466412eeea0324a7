import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { drawCurves } from '../../../../src/moderation/replay/draw-curves.ts'

/** The plot of a panel is 220 pixels wide and high, with 48 pixels around it. */
const [PLOT, MARGIN, PANEL] = [220, 48, 316]
const PRECISION = [0x4f, 0x9d, 0xff]
const RECALL = [0xff, 0x9f, 0x40]

const PERFECT = [
  { score: 0.9, isPositive: true },
  { score: 0.1, isPositive: false },
]

async function draw(panels: Parameters<typeof drawCurves>[0]) {
  const png = await drawCurves(panels)
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  /** The colour where two shares of the first panel's axes meet. */
  const at = (x: number, y: number) => {
    const [column, row] = [Math.round(MARGIN + x * PLOT), Math.round(MARGIN + (1 - y) * PLOT)]
    return [...data.subarray((row * info.width + column) * 3, (row * info.width + column) * 3 + 3)]
  }
  return { width: info.width, height: info.height, at }
}

describe('drawCurves', () => {
  it('draws precision and recall over the threshold', async () => {
    const { width, height, at } = await draw([{ name: 'weapons', scores: PERFECT, thresholds: [] }])
    expect([width, height]).toEqual([PANEL, PANEL])
    // Up to 0.1 both clips reach the threshold, then only the right one, above 0.9 none.
    expect(at(0.05, 0.5)).toEqual(PRECISION)
    expect(at(0.05, 1)).toEqual(RECALL)
    expect(at(0.3, 1)).toEqual(PRECISION)
    expect(at(0.95, 0)).toEqual(RECALL)
    expect([PRECISION, RECALL]).not.toContainEqual(at(0.95, 1))
  })

  it('sets panels side by side, three in a row', async () => {
    const { width, height } = await draw(
      Array.from({ length: 4 }, () => ({ name: 'weapons', scores: PERFECT, thresholds: [0.5] })),
    )
    expect([width, height]).toEqual([3 * PANEL, 2 * PANEL])
  })

  it('writes the name of each rule over its panel, as far as it has letters for it', async () => {
    const titled = (name: string) => drawCurves([{ name, scores: PERFECT, thresholds: [] }])
    const [weapons, alcohol, chinese, none] = await Promise.all(['weapons', 'alcohol', '烟草', ''].map(titled))
    expect(weapons).not.toEqual(alcohol)
    expect(chinese).toEqual(none)
  })

  it('draws an empty panel for a rule without clips', async () => {
    const { at } = await draw([{ name: '烟草', scores: [], thresholds: [] }])
    expect([PRECISION, RECALL]).not.toContainEqual(at(0.3, 0))
  })
})
