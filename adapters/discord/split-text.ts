// Long text becomes several messages, cut where Discord's markdown stays whole: not in a link, an emoji, a mention or inline
// code, and in a code block only when it is longer than a message; then it is closed and opened again.

/** What must not be cut, as long as it fits into one message. */
const WHOLE = /```[\s\S]*?(?:```|$)|`[^`\n]+`|\[[^\]\n]*\]\([^)\s]*\)|https?:\/\/\S+|<a?:\w+:\d+>|<(?:@[!&]?|#)\d+>/g
/** Places to cut, the best first; the cut is after the match. */
const SEPARATORS: readonly RegExp[] = [/\n\n+/g, /\n/g, /[.!?。！？][ \n]?/g, /[ ，、；：]/g]
const FENCE = '```'
/** A cut that leaves less than this share of a message is not worth a better place. */
const LEAST_SHARE = 0.4

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Splits text; the cuts depend only on what stands before them and shortly after, so that those of a growing text stay.
 * @param limit longest part, UTF-16 units; at least 50
 * @returns at least one part; an empty text is one empty part
 */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = []
  let rest = text
  while (rest.length > limit) {
    const at = findCut(rest, limit - FENCE.length - 1)
    const head = rest.slice(0, at).trimEnd()
    const fence = openFence(head)
    parts.push(fence === null ? head : `${head}\n${FENCE}`)
    rest = fence === null ? rest.slice(at).trimStart() : `${fence}\n${rest.slice(at).replace(/^\n/, '')}`
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest]
}

/** The text with a code block closed that is still open, as it is while an answer comes. */
export function closeFence(text: string): string {
  return openFence(text) === null ? text : `${text.trimEnd()}\n${FENCE}`
}

/** @returns how the block begins that is open at the end, e.g. three backticks and `ts`; null when none is */
function openFence(text: string): string | null {
  const fences = [...text.matchAll(/```([\w+#-]*)/g)]
  return fences.length % 2 === 0 ? null : `${FENCE}${fences.at(-1)?.[1] ?? ''}`
}

function findCut(text: string, longest: number): number {
  const window = text.slice(0, longest + 1)
  const whole = [...text.slice(0, 2 * longest).matchAll(WHOLE)]
    .map((match): Range => ({ start: match.index, end: match.index + match[0].length }))
    .filter(({ start, end }) => end - start <= longest)
  const isFree = (at: number) => !whole.some(({ start, end }) => start < at && at < end)
  for (const separator of SEPARATORS) {
    const places = [...window.matchAll(separator)].map((match) => match.index + match[0].length)
    const best = places.findLast((at) => at <= longest && at >= longest * LEAST_SHARE && isFree(at))
    if (best !== undefined) return best
  }
  const covering = whole.find(({ start, end }) => start > 0 && start < longest && longest < end)
  return covering?.start ?? lastGrapheme(window, longest)
}

/** The last place up to `longest` that is not within a character, however many code points it has. */
function lastGrapheme(text: string, longest: number): number {
  const near = Math.max(0, longest - 64)
  const segments = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(near))]
  const starts = segments.map(({ index }) => near + index)
  return starts.findLast((at) => at <= longest && at > 0) ?? longest
}
