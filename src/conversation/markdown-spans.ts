// The parts of a markdown text that must stay whole when it is split: fenced code blocks, and spans such as links.

/** A stretch of text; UTF-16 positions, the end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The opening of a fenced code block. */
export interface Fence {
  /** Three to six backticks or tildes. */
  readonly marker: string
  /** What stands after them, e.g. `ts`. */
  readonly info: string
}

/** A line of a text with the code block that it belongs to. */
export interface Line extends Span {
  /** The fence that is open where the line begins. */
  readonly fence: Fence | null
  readonly isOpening: boolean
  readonly isClosing: boolean
  readonly isBlank: boolean
}

/** More marks, or more words after them, are no code block that anybody wrote: they are text, and can be split. */
const OPENING = /^ {0,3}(`{3,6}|~{3,6})(?![`~])([^\n]{0,40})$/
/** Spans that do nothing any more, or something else, when they are cut. */
const SPANS = new RegExp(
  [
    '!?\\[[^\\]\\n]*\\]\\([^)\\s]*(?:\\s"[^"\\n]*")?\\)', // [words](address "title")
    '<[^<>\\s][^<>\\n]*>', // <address>, <@mention>, <:emoji:1>
    'https?://[^\\s<>*`[\\]]+',
    '(`+)(?!`)[^\\n]*?[^`\\n]\\1(?!`)', // inline code
    '(\\*\\*|__|~~|\\|\\|)(?=\\S)[^\\n]*?\\S\\2', // bold, underlined, struck out, hidden
    ':[\\w+-]{2,32}:', // emoji by name
  ].join('|'),
  'g',
)

/** Spans of a text outside of fenced code blocks, in order. */
export function wholeSpans(text: string): Span[] {
  return [...text.matchAll(SPANS)].map((match) => ({ start: match.index, end: match.index + match[0].length }))
}

/**
 * Lines of a text, line ends included.
 * @param fence open where the text begins
 * @returns the lines, and the fence that is open where the text ends
 */
export function readLines(text: string, fence: Fence | null): { lines: Line[]; fence: Fence | null } {
  const lines: Line[] = []
  let open = fence
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start)
    const end = lineEnd < 0 ? text.length : lineEnd + 1
    const content = text.slice(start, lineEnd < 0 ? end : lineEnd)
    const opened = open === null ? openedFence(content) : null
    const isClosing = open !== null && closesFence(content, open)
    const isBlank = content.trim() === ''
    lines.push({ start, end, fence: open, isOpening: opened !== null, isClosing, isBlank })
    open = isClosing ? null : (opened ?? open)
    start = end
  }
  return { lines, fence: open }
}

function openedFence(line: string): Fence | null {
  const [, marker, info] = OPENING.exec(line) ?? []
  if (marker === undefined || info === undefined) return null
  // A backtick after the opening backticks makes it inline code.
  return marker.startsWith('`') && info.includes('`') ? null : { marker, info: info.trim() }
}

function closesFence(line: string, { marker }: Fence): boolean {
  const mark = /^ {0,3}(`+|~+)\s*$/.exec(line)?.[1]
  return mark !== undefined && mark[0] === marker[0] && mark.length >= marker.length
}
