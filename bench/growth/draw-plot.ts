// Lines over a size as a picture, values from zero up. Only numbers stand in it,
// since a server may have no fonts; what they are is said beside the picture.
import sharp, { type OverlayOptions } from 'sharp'
import { drawLabel } from '../../src/video/clock-digits.ts'

const WIDTH_PIXELS = 560
const HEIGHT_PIXELS = 300
const MARGIN_PIXELS = 64
const TICKS = 4
const MOST_LABELS = 10
const COLOURS = { background: '#18191c', grid: '#3a3c42', lines: ['#4f9dff', '#ff9f40', '#6fce73'] }

/** A line of a plot. */
export interface PlotLine {
  /** One a size. */
  readonly values: readonly number[]
}

/**
 * Draws a plot; the first line is blue, the second orange, the third green.
 * @param sizes ascending, above 0, at least two
 * @param distances how far apart sizes stand: as their logarithms or as they are; of many only some are labelled
 * @returns a PNG file
 */
export async function drawPlot(
  sizes: readonly number[],
  lines: readonly PlotLine[],
  distances: 'logarithms' | 'even' = 'logarithms',
): Promise<Uint8Array> {
  const place = distances === 'even' ? (size: number) => size : Math.log
  const labelled = sizes.filter((_, at) => (sizes.length - 1 - at) % Math.ceil(sizes.length / MOST_LABELS) === 0)
  const top = roundUp(Math.max(...lines.flatMap(({ values }) => values)))
  const [first, last] = [place(sizes[0]!), place(sizes.at(-1)!)]
  const x = (size: number) => ((place(size) - first) / (last - first)) * WIDTH_PIXELS
  const y = (value: number) => (1 - value / top) * HEIGHT_PIXELS
  const ticks = Array.from({ length: TICKS + 1 }, (_, tick) => (top * tick) / TICKS)

  const grid = [
    ...ticks.map((tick) => `M0 ${y(tick)}H${WIDTH_PIXELS}`),
    ...labelled.map((size) => `M${x(size)} 0V${HEIGHT_PIXELS}`),
  ]
  const drawn = lines.map(({ values }, index) => {
    const colour = COLOURS.lines[index % COLOURS.lines.length]!
    const points = values.map((value, at) => [x(sizes[at]!), y(value)] as const)
    const dots = points.map(([left, down]) => `<circle cx="${left}" cy="${down}" r="4" fill="${colour}"/>`)
    const path = points.map((point) => point.join(',')).join(' ')
    return `<polyline points="${path}" stroke="${colour}" stroke-width="2" fill="none"/>${dots.join('')}`
  })
  const [width, height] = [WIDTH_PIXELS + 2 * MARGIN_PIXELS, HEIGHT_PIXELS + 2 * MARGIN_PIXELS]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="${COLOURS.background}"/>
    <g transform="translate(${MARGIN_PIXELS} ${MARGIN_PIXELS})">
    <path d="${grid.join('')}" stroke="${COLOURS.grid}" fill="none"/>${drawn.join('')}</g></svg>`
  const labels = [
    ...ticks.map((tick) => label(tick, MARGIN_PIXELS / 2, MARGIN_PIXELS + y(tick))),
    ...labelled.map((size) => label(size, MARGIN_PIXELS + x(size), MARGIN_PIXELS * 1.4 + HEIGHT_PIXELS)),
  ]
  return sharp(Buffer.from(svg)).composite(labels).png().toBuffer()
}

/** The next number whose quarters are whole, as far as it is not small. */
function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 4)))
  return [1, 2, 4, 6, 8, 10].map((times) => times * step).find((bound) => bound >= value)!
}

function label(value: number, x: number, y: number): OverlayOptions {
  const { rgb, widthPixels, heightPixels } = drawLabel(String(Math.round(value)))
  return {
    input: Buffer.from(rgb),
    raw: { width: widthPixels, height: heightPixels, channels: 3 },
    left: Math.max(0, Math.round(x - widthPixels / 2)),
    top: Math.round(y - heightPixels / 2),
  }
}
