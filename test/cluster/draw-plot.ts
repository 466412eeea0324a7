// The long run as a picture: throughput over engines, and answers over time with what happened meanwhile.
import sharp from 'sharp'
import type { Post } from './stage.ts'

const WIDTH = 1000
const HEIGHT = 420
const TOP = 50
const BOTTOM = 360
const BAR_WIDTH = 60
/** Where the right half begins and ends. */
const LEFT = 420
const RIGHT = 960

/** Draws a PNG. */
export async function drawPlot(
  file: string,
  perSecond: readonly number[],
  posts: readonly Post[],
  events: readonly { readonly what: string; readonly atMs: number }[],
): Promise<void> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="14">
<rect width="100%" height="100%" fill="white"/>${bars(perSecond)}${curve(posts, events)}</svg>`
  await sharp(Buffer.from(svg)).png({ palette: true }).toFile(file)
}

function bars(perSecond: readonly number[]): string {
  const top = Math.max(...perSecond) * 1.1
  const drawn = perSecond.map((value, index) => {
    const x = 90 + index * 100
    const height = ((BOTTOM - TOP) * value) / top
    return (
      `<rect x="${x}" y="${BOTTOM - height}" width="${BAR_WIDTH}" height="${height}" fill="#3b6fb6"/>` +
      text(x + BAR_WIDTH / 2, BOTTOM - height - 8, value.toFixed(1), 'middle') +
      text(x + BAR_WIDTH / 2, BOTTOM + 20, `${index + 1}`, 'middle')
    )
  })
  const axis = `<line x1="70" y1="${BOTTOM}" x2="370" y2="${BOTTOM}" stroke="black"/>`
  return `${drawn.join('')}${axis}${text(220, 28, 'questions a second', 'middle')}${text(220, BOTTOM + 42, 'engines', 'middle')}`
}

function curve(posts: readonly Post[], events: readonly { readonly what: string; readonly atMs: number }[]): string {
  const lastMs = Math.max(...posts.map(({ atMs }) => atMs))
  const x = (ms: number) => LEFT + ((RIGHT - LEFT) * ms) / lastMs
  const y = (count: number) => BOTTOM - ((BOTTOM - TOP) * count) / posts.length
  const points = posts.map(({ atMs }, index) => `${x(atMs).toFixed(1)},${y(index + 1).toFixed(1)}`).join(' ')
  const marks = events.map(
    ({ what, atMs }, index) =>
      `<line x1="${x(atMs)}" y1="${TOP}" x2="${x(atMs)}" y2="${BOTTOM}" stroke="#c0392b" stroke-dasharray="4 3"/>` +
      text(x(atMs) + 5, BOTTOM - 12 - 18 * index, what, 'start'),
  )
  return (
    `<polyline points="${points}" fill="none" stroke="#3b6fb6" stroke-width="2"/>${marks.join('')}` +
    `<line x1="${LEFT}" y1="${BOTTOM}" x2="${RIGHT}" y2="${BOTTOM}" stroke="black"/>` +
    text((LEFT + RIGHT) / 2, 28, `${posts.length} questions answered, each once`, 'middle') +
    text(LEFT, BOTTOM + 20, '0 s', 'start') +
    text(RIGHT, BOTTOM + 20, `${(lastMs / 1000).toFixed(0)} s`, 'end')
  )
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`
}
