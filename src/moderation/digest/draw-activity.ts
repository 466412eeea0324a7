// When clips were posted, as bars: all of them in grey, those with an alert in orange. Numbers are drawn from a bitmap, since
// a server may have no fonts.
import sharp, { type OverlayOptions } from 'sharp'
import { drawLabel } from '../../video/clock-digits.ts'

/** One bar. */
export interface ActivityBar {
  /** Below it: digits and colons, e.g. `06`; empty for none. */
  readonly label: string
  readonly clips: number
  /** Of those, clips with an alert. */
  readonly alerts: number
}

const WIDTH_PIXELS = 720
const HEIGHT_PIXELS = 240
const MARGIN_PIXELS = 40
const GAP_SHARE = 0.2
const COLOURS = { background: '#18191c', axis: '#3a3c42', clips: '#8a8f98', alerts: '#ff9f40' }

/** Draws the bars from left to right, the longest as high as the picture. @returns a PNG file */
export async function drawActivity(bars: readonly ActivityBar[]): Promise<Uint8Array> {
  const most = Math.max(1, ...bars.map(({ clips }) => clips))
  const step = (WIDTH_PIXELS - 2 * MARGIN_PIXELS) / Math.max(1, bars.length)
  const bottom = HEIGHT_PIXELS - MARGIN_PIXELS
  const heightOf = (count: number) => (count / most) * (bottom - MARGIN_PIXELS)
  const leftOf = (index: number) => MARGIN_PIXELS + (index + GAP_SHARE / 2) * step
  // Nothing, all, and where it can be counted the half.
  const lines = [...new Set([0, ...(most % 2 === 0 ? [most / 2] : []), most])].map((count) => {
    return { count, y: bottom - heightOf(count) }
  })
  const rectangle = (index: number, count: number, colour: string) =>
    `<rect x="${leftOf(index).toFixed(1)}" y="${(bottom - heightOf(count)).toFixed(1)}" width="${(step * (1 - GAP_SHARE)).toFixed(1)}"
      height="${heightOf(count).toFixed(1)}" fill="${colour}"/>`
  const drawn = bars.flatMap(({ clips, alerts }, index) => [
    rectangle(index, clips, COLOURS.clips),
    rectangle(index, alerts, COLOURS.alerts),
  ])
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PIXELS}" height="${HEIGHT_PIXELS}">
    <rect width="100%" height="100%" fill="${COLOURS.background}"/>
    ${lines.map(({ y }) => `<path d="M${MARGIN_PIXELS} ${y}H${WIDTH_PIXELS - MARGIN_PIXELS}" stroke="${COLOURS.axis}"/>`).join('')}${drawn.join('')}</svg>`
  const labels = bars.flatMap(({ label }, index) =>
    label === '' ? [] : [place(label, leftOf(index) + (step * (1 - GAP_SHARE)) / 2, bottom + MARGIN_PIXELS / 2)],
  )
  return sharp(Buffer.from(svg))
    .composite([...lines.map(({ count, y }) => place(String(count), MARGIN_PIXELS / 2, y)), ...labels])
    .png()
    .toBuffer()
}

function place(text: string, x: number, y: number): OverlayOptions {
  const { rgb, widthPixels, heightPixels } = drawLabel(text)
  return {
    input: Buffer.from(rgb),
    raw: { width: widthPixels, height: heightPixels, channels: 3 },
    left: Math.max(0, Math.min(WIDTH_PIXELS - widthPixels, Math.round(x - widthPixels / 2))),
    top: Math.max(0, Math.min(HEIGHT_PIXELS - heightPixels, Math.round(y - heightPixels / 2))),
  }
}
