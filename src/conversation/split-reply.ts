// A reply that is longer than a platform's message becomes several. Cut where a reader would: between paragraphs, lines,
// sentences, words. Never inside a link or an emoji; a code block that has to be cut is closed and opened again.
import { assert } from '../assert.ts'
import { type Fence, type Line, readLines, type Span, wholeSpans } from './markdown-spans.ts'

/** Shortest limit that leaves room for the marks of a code block and an emoji. */
const LEAST_LIMIT = 64
/** A language after a fence is repeated up to this length; longer, it is none. */
const MAX_INFO_LENGTH = 16
/** A place to cut is good if the message becomes at least so full. */
const LEAST_SHARE = 1 / 2

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Splits a text. The messages joined are the text again, but for white space at the cuts and the marks of code blocks; every
 * code block is closed in the message that it stands in. While a text grows at its end, as a streamed one does, full
 * messages stay as they are as soon as the words at their end do.
 * @param limit longest message, UTF-16 units; at least 64
 * @returns messages of 1 to `limit` units; none for a text of nothing but white space
 */
export function splitReply(text: string, limit: number): string[] {
  assert(limit >= LEAST_LIMIT, `a message of ${limit} characters is too short to split into`)
  const messages: string[] = []
  let rest = text.replace(/\r\n?/g, '\n').trimEnd()
  let fence: Fence | null = null
  for (;;) {
    if (fence === null) rest = rest.replace(/^(?:[^\S\n]*\n)+/, '')
    if (rest === '') return messages
    const opening: string = fence === null ? '' : openingLine(fence)
    const { lines, fence: openAtEnd } = readLines(rest, fence)
    const whole = opening + rest + closingLine(openAtEnd)
    if (whole.length <= limit) return [...messages, whole]

    const { position, open } = chooseCut(rest, lines, limit - opening.length)
    const piece = rest.slice(0, position)
    // The closing line brings its own line end; outside of code no white space is worth keeping.
    messages.push(opening + (open === null ? piece.trimEnd() : piece.replace(/\n$/, '') + closingLine(open)))
    rest = rest.slice(position)
    fence = open
  }
}

/** Where to cut, and the fence that is open there. */
interface Cut {
  readonly position: number
  readonly open: Fence | null
}

/** @param room units for the piece with the line that closes its code block; the text is longer */
function chooseCut(text: string, lines: readonly Line[], room: number): Cut {
  const segments = graphemes.segment(text)
  const graphemeStart = (position: number) => segments.containing(position)?.index ?? position
  const textStart = text.search(/\S/)
  const fits = (position: number) => {
    return position > textStart && position + closingLine(lineAt(lines, position).fence).length <= room
  }
  const isGood = (position: number) => fits(position) && !isBesideMarks(lines, position)
  const spans = wholeSpans(text).filter(({ start }) => {
    const { fence, isOpening } = lineAt(lines, start)
    return fence === null && !isOpening
  })
  const isFree = (position: number) =>
    isGood(position) && graphemeStart(position) === position && spanAround(spans, position) === null

  const words = startsAfter(text, /\s+/g, room)
  const sentences = startsAfter(text, /[.!?…]["'”’)\]*_]*\s+|[。！？]+/g, room)
  for (const starts of [paragraphStarts(lines), lines.map(({ start }) => start), sentences, words]) {
    const last = starts.findLast(isFree)
    if (last !== undefined && last >= room * LEAST_SHARE) return cutAt(last)
  }
  const amid = lastBefore(room, isGood, graphemeStart, spans)
  if (amid !== null && amid >= room * LEAST_SHARE) return cutAt(amid)
  // Only a long span is in the way: it begins the next message, or is cut where it fits into none.
  const forced =
    words.findLast(isFree) ??
    amid ??
    lastBefore(room, fits, graphemeStart, []) ??
    lastBefore(room, fits, (position) => codePointStart(text, position), [])
  assert(forced !== null, 'there is room for a code point')
  return cutAt(forced)

  function cutAt(position: number): Cut {
    return { position, open: lineAt(lines, position).fence }
  }
}

/** The last place at or before `room` that will do, outside of the spans. */
function lastBefore(
  room: number,
  willDo: (position: number) => boolean,
  startOf: (position: number) => number,
  spans: readonly Span[],
): number | null {
  for (let position = room; position > 0; ) {
    const start = startOf(position)
    const span = spanAround(spans, start)
    if (start < position) position = start
    else if (span !== null) position = span.start
    else if (willDo(position)) return position
    else position -= 1
  }
  return null
}

/** The line that a position lies in, or begins; the last one at the end of the text. */
function lineAt(lines: readonly Line[], position: number): Line {
  return lines.find(({ end }) => position < end) ?? lines.at(-1)!
}

/** True where a cut would part the marks of a code block, or leave them with no code between. */
function isBesideMarks(lines: readonly Line[], position: number): boolean {
  const index = lines.findIndex(({ end }) => position < end)
  const line = lines[index]
  if (line === undefined) return false
  if (position > line.start) return line.isOpening || line.isClosing
  return line.isClosing || lines[index - 1]?.isOpening === true
}

/** Lines outside of code that begin something new: after a blank line, before and after a code block. */
function paragraphStarts(lines: readonly Line[]): number[] {
  return lines.flatMap(({ start, fence, isOpening }, index) => {
    const before = lines[index - 1]
    const begins = before === undefined || before.isBlank || before.isClosing || isOpening
    return fence === null && begins ? [start] : []
  })
}

/** Where what follows a match begins; up to `room`. */
function startsAfter(text: string, pattern: RegExp, room: number): number[] {
  const matches = text.slice(0, room + 1).matchAll(pattern)
  return [...matches].map((match) => match.index + match[0].length).filter((start) => start <= room)
}

function spanAround(spans: readonly Span[], position: number): Span | null {
  return spans.find(({ start, end }) => start < position && position < end) ?? null
}

function codePointStart(text: string, position: number): number {
  return /[\uDC00-\uDFFF]/.test(text[position] ?? '') && /[\uD800-\uDBFF]/.test(text[position - 1] ?? '')
    ? position - 1
    : position
}

function openingLine({ marker, info }: Fence): string {
  return `${marker}${info.length > MAX_INFO_LENGTH ? '' : info}\n`
}

function closingLine(fence: Fence | null): string {
  return fence === null ? '' : `\n${fence.marker}`
}
