// Threshold curves as a picture: for each rule a panel with its number and name, precision in blue and recall in orange over
// the threshold, both axes from 0 to 100 percent.
import sharp, { type OverlayOptions } from 'sharp'
import { drawLabel } from '../../video/clock-digits.ts'
import type { LabelledScore } from '../calibration.ts'
import { resultAt, thresholdCurve } from './metrics.ts'

/** One panel. */
export interface CurvePanel {
  /** Of the rule; letters other than those from a to z are left out. */
  readonly name: string
  readonly scores: readonly LabelledScore[]
  /** Drawn as upright lines. */
  readonly thresholds: readonly number[]
}

const PLOT_PIXELS = 220
const MARGIN_PIXELS = 48
const PANEL_PIXELS = PLOT_PIXELS + 2 * MARGIN_PIXELS
const COLUMNS = 3
const TICKS = [0, 0.5, 1]
/** As many as a panel is wide. */
const MOST_LETTERS = 25
/** Where the middle of each name stands, and left of it a stroke in its colour. */
const LEGEND = [
  { name: 'precision', share: 0.34, strokeShare: 0.03 },
  { name: 'recall', share: 0.84, strokeShare: 0.62 },
] as const
const COLOURS = {
  background: '#18191c',
  grid: '#3a3c42',
  precision: '#4f9dff',
  recall: '#ff9f40',
  threshold: '#c8c8c8',
}

/** Draws the panels row by row, numbered from 1. @returns a PNG file */
export async function drawCurves(panels: readonly CurvePanel[]): Promise<Uint8Array> {
  const columns = Math.min(COLUMNS, Math.max(1, panels.length))
  const widthPixels = columns * PANEL_PIXELS
  const heightPixels = Math.max(1, Math.ceil(panels.length / columns)) * PANEL_PIXELS
  const origins = panels.map((_, index) => ({
    left: (index % columns) * PANEL_PIXELS + MARGIN_PIXELS,
    top: Math.floor(index / columns) * PANEL_PIXELS + MARGIN_PIXELS,
  }))
  const drawn = panels.map((panel, index) => {
    const { left, top } = origins[index]!
    return `<g transform="translate(${left} ${top})">${panelSvg(panel)}</g>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPixels}" height="${heightPixels}">
    <rect width="100%" height="100%" fill="${COLOURS.background}"/>${drawn.join('')}</svg>`
  const labels = origins.flatMap((origin, index) => panelLabels(origin, `${index + 1} ${panels[index]!.name}`))
  return sharp(Buffer.from(svg)).composite(labels).png().toBuffer()
}

function panelSvg({ scores, thresholds }: CurvePanel): string {
  const at = (share: number) => (share * PLOT_PIXELS).toFixed(1)
  const grid = TICKS.map(
    (tick) =>
      `<path d="M${at(tick)} 0V${PLOT_PIXELS}M0 ${at(tick)}H${PLOT_PIXELS}" stroke="${COLOURS.grid}" fill="none"/>`,
  )
  const marks = thresholds.map(
    (threshold) =>
      `<path d="M${at(threshold)} 0V${PLOT_PIXELS}" stroke="${COLOURS.threshold}" stroke-dasharray="4 4" fill="none"/>`,
  )
  const strokes = LEGEND.map(
    ({ name, strokeShare }) =>
      `<path d="M${at(strokeShare)} ${-MARGIN_PIXELS / 4}h10" stroke="${COLOURS[name]}" stroke-width="3" fill="none"/>`,
  )
  const lines = (['recall', 'precision'] as const).map((name) => {
    const points = curvePoints(scores, name).map(({ x, y }) => `${at(x)},${at(1 - y)}`)
    return `<polyline points="${points.join(' ')}" stroke="${COLOURS[name]}" stroke-width="2" fill="none"/>`
  })
  return [...grid, ...marks, ...strokes, ...lines].join('')
}

/** Steps from left to right; a threshold that nobody reaches has no precision, and the line ends there. */
function curvePoints(scores: readonly LabelledScore[], name: 'precision' | 'recall'): { x: number; y: number }[] {
  const steps = thresholdCurve(scores).reverse()
  let before = 0
  const points = steps.flatMap((step) => {
    const y = step[name] ?? 0
    const flat = [
      { x: before, y },
      { x: step.threshold, y },
    ]
    before = step.threshold
    return flat
  })
  const last = resultAt(scores, 1.01)[name]
  return last === null ? points : [...points, { x: before, y: last }, { x: 1, y: last }]
}

function panelLabels({ left, top }: { left: number; top: number }, title: string): OverlayOptions[] {
  const place = (text: string, x: number, y: number): OverlayOptions => {
    const label = drawLabel(text)
    const raw = { width: label.widthPixels, height: label.heightPixels, channels: 3 } as const
    return {
      input: Buffer.from(label.rgb),
      raw,
      left: Math.round(x - label.widthPixels / 2),
      top: Math.round(y - label.heightPixels / 2),
    }
  }
  const ticks = TICKS.flatMap((tick) => {
    const percent = String(tick * 100)
    return [
      place(percent, left + tick * PLOT_PIXELS, top + PLOT_PIXELS + MARGIN_PIXELS / 3),
      place(percent, left - MARGIN_PIXELS / 2, top + (1 - tick) * PLOT_PIXELS),
    ]
  })
  const shown = title
    .replaceAll(/[^\w .-]/g, '')
    .replaceAll('_', ' ')
    .trim()
    .slice(0, MOST_LETTERS)
  const legend = LEGEND.map(({ name, share }) => place(name, left + share * PLOT_PIXELS, top - MARGIN_PIXELS / 4))
  return [...ticks, ...legend, place(shown, left + PLOT_PIXELS / 2, top - (3 * MARGIN_PIXELS) / 4)]
}
