// The figures of a run as bars with their intervals. As SVG with words; as PNG each row has its number in the printed table
// instead, since a server may have no fonts.
import sharp, { type OverlayOptions } from 'sharp'
import { drawLabel } from '../../video/clock-digits.ts'
import { ALL, type BenchmarkMeasure } from './benchmark-measures.ts'
import { figureText } from './benchmark-report.ts'

const ROW_PIXELS = 24
const BAR_PIXELS = 12
const PLOT_PIXELS = 400
const MARGIN_PIXELS = 48
const WORDS_PIXELS = 340
const MAX_SCORE = 5
const TICKS = [0, 0.25, 0.5, 0.75, 1]
const COLOURS = { background: '#18191c', grid: '#3a3c42', group: '#4f9dff', all: '#ff9f40', interval: '#e8e8e8' }

/** The picture with words beside the bars. */
export function measuresAsSvg(measures: readonly BenchmarkMeasure[]): string {
  const words = measures.flatMap((one, row) => {
    const y = MARGIN_PIXELS + row * ROW_PIXELS + ROW_PIXELS / 2 + 4
    const name = one.group === ALL ? one.measure : `${one.measure}: ${one.group}`
    return [
      `<text x="${WORDS_PIXELS - 10}" y="${y}" text-anchor="end">${escapeXml(name)}</text>`,
      `<text x="${WORDS_PIXELS + PLOT_PIXELS + 10}" y="${y}">${escapeXml(figureText(one.value, one))}</text>`,
    ]
  })
  const ticks = TICKS.map(
    (tick) =>
      `<text x="${WORDS_PIXELS + tick * PLOT_PIXELS}" y="${MARGIN_PIXELS - 10}" text-anchor="middle">${tick * 100} %</text>`,
  )
  const text = `<g fill="#e8e8e8" font-family="sans-serif" font-size="12">${[...ticks, ...words].join('')}</g>`
  return picture(measures, WORDS_PIXELS, WORDS_PIXELS + PLOT_PIXELS + 2 * MARGIN_PIXELS, text)
}

/** The picture with numbers alone. @returns a PNG file */
export async function measuresAsPng(measures: readonly BenchmarkMeasure[]): Promise<Uint8Array> {
  const labels = measures.flatMap((one, row) => {
    const y = MARGIN_PIXELS + row * ROW_PIXELS + ROW_PIXELS / 2
    const whole = Math.round(one.scale === 'share' ? one.value * 100 : (one.value / MAX_SCORE) * 100)
    return [
      place(String(row + 1), MARGIN_PIXELS / 2, y),
      place(String(whole), MARGIN_PIXELS + PLOT_PIXELS + MARGIN_PIXELS / 2, y),
    ]
  })
  const ticks = TICKS.map((tick) => place(String(tick * 100), MARGIN_PIXELS + tick * PLOT_PIXELS, MARGIN_PIXELS / 2))
  const svg = picture(measures, MARGIN_PIXELS, PLOT_PIXELS + 2 * MARGIN_PIXELS, '')
  return sharp(Buffer.from(svg))
    .composite([...labels, ...ticks])
    .png()
    .toBuffer()
}

/** @param left where the bars begin */
function picture(measures: readonly BenchmarkMeasure[], left: number, widthPixels: number, text: string): string {
  const heightPixels = measures.length * ROW_PIXELS + 2 * MARGIN_PIXELS
  const bottom = heightPixels - MARGIN_PIXELS
  const grid = TICKS.map((tick) => {
    const x = left + tick * PLOT_PIXELS
    return `<path d="M${x} ${MARGIN_PIXELS}V${bottom}" stroke="${COLOURS.grid}"/>`
  })
  const bars = measures.map((one, row) => {
    const at = (value: number) => (value / (one.scale === 'share' ? 1 : MAX_SCORE)) * PLOT_PIXELS
    const top = MARGIN_PIXELS + row * ROW_PIXELS + (ROW_PIXELS - BAR_PIXELS) / 2
    const middle = top + BAR_PIXELS / 2
    const [low, high] = [left + at(one.interval.low), left + at(one.interval.high)].map((x) => x.toFixed(1))
    const colour = one.group === ALL ? COLOURS.all : COLOURS.group
    return (
      `<rect x="${left}" y="${top}" width="${at(one.value).toFixed(1)}" height="${BAR_PIXELS}" fill="${colour}"/>` +
      `<path d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8" stroke="${COLOURS.interval}" fill="none"/>`
    )
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPixels}" height="${heightPixels}">` +
    `<rect width="100%" height="100%" fill="${COLOURS.background}"/>${grid.join('')}${bars.join('')}${text}</svg>\n`
  )
}

function place(text: string, x: number, y: number): OverlayOptions {
  const { rgb, widthPixels, heightPixels } = drawLabel(text)
  return {
    input: Buffer.from(rgb),
    raw: { width: widthPixels, height: heightPixels, channels: 3 },
    left: Math.round(x - widthPixels / 2),
    top: Math.round(y - heightPixels / 2),
  }
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
