// Counts as bars that lie, in SVG inside a page.
import type { Bar } from './distributions.ts'
import { type Html, html, raw } from './html.ts'

const ROW_PIXELS = 20
const BAR_PIXELS = 13
const NAME_PIXELS = 190
const PLOT_PIXELS = 260
const COUNT_PIXELS = 110
const MAX_NAME_LENGTH = 28

/** Draws bars with name, count and share. @param total what the share is of; default their sum */
export function barChart(bars: readonly Bar[], total = bars.reduce((sum, { count }) => sum + count, 0)): Html {
  if (total === 0 || bars.length === 0) return html`<p class="none">nothing to count</p>`
  const most = Math.max(...bars.map(({ count }) => count))
  const rows = bars.map(({ name, count }, index) => {
    const y = index * ROW_PIXELS
    const words = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name
    const share = `${count.toLocaleString('en')} · ${((100 * count) / total).toFixed(1)} %`
    const width = ((count / most) * PLOT_PIXELS).toFixed(1)
    return html`<g transform="translate(0 ${y})"><title>${name}</title><text x="${NAME_PIXELS - 8}" y="14" text-anchor="end">${words}</text><rect x="${NAME_PIXELS}" y="3" width="${raw(width)}" height="${BAR_PIXELS}"/><text x="${NAME_PIXELS + PLOT_PIXELS + 8}" y="14" class="count">${share}</text></g>`
  })
  const [width, height] = [NAME_PIXELS + PLOT_PIXELS + COUNT_PIXELS, bars.length * ROW_PIXELS + 4]
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">${rows}</svg>`
}
