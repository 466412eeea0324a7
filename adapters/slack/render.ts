// Text of the model becomes text that does nothing in Slack but be read: every angle bracket and ampersand is escaped, so
// that no mention, no broadcast and no hidden link can form, wherever a stream cuts it.
import { MAX_SECTION_CHARACTERS } from './limits.ts'

/** Slack's three escapes. https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/**
 * Markdown that Slack itself renders (`markdown_text`), made harmless. A quotation keeps its mark.
 * Safe for pieces of a text: nothing depends on what stands before or after.
 */
export function safeMarkdown(text: string): string {
  return escaped(text)
}

/** Markdown in Slack's own mark-up (mrkdwn), made harmless. Code stays as it is but for the escapes. */
export function toMrkdwn(markdown: string): string {
  return escaped(markdown)
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]+`)/)
    .map((piece, index) => (index % 2 === 1 ? withoutLanguage(piece) : formatted(piece)))
    .join('')
}

/** Slack would show the language that a code block names as its first line. */
function withoutLanguage(code: string): string {
  return code.replace(/^```[\w+-]+\n/, '```\n')
}

/** Stands for a bold mark until italics are done; private to Unicode, so it is in no text. */
const BOLD = '\uE000'

function formatted(text: string): string {
  return text
    .replaceAll(BOLD, '')
    .replaceAll(/^&gt; ?/gm, '> ')
    .replaceAll(/^#{1,6} +(.+?) *#*$/gm, `${BOLD}$1${BOLD}`)
    .replaceAll(/^(\s*)[*+-] +/gm, '$1• ')
    .replaceAll(/!?\[([^\]\n]*)\]\((https?:\/\/[^\s()|]+)\)/g, (_, label: string, url: string) =>
      label === '' ? url : `<${url}|${label.replaceAll('|', '/')}>`,
    )
    .replaceAll(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, `${BOLD}$2${BOLD}`)
    .replaceAll(/(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])/g, '_$1_')
    .replaceAll(/~~(?=\S)(.+?)(?<=\S)~~/g, '~$1~')
    .replaceAll(BOLD, '*')
}

/**
 * A reply in Slack's mark-up, in pieces that each fit one message.
 * @param markdown the reply
 * @param longest characters of a piece after rendering
 */
export function toMessages(markdown: string, longest = MAX_SECTION_CHARACTERS): string[] {
  const rendered = toMrkdwn(markdown)
  if (rendered.length <= longest) return [rendered]
  const half = cutInTwo(markdown)
  return half === null ? chopped(rendered, longest) : half.flatMap((part) => toMessages(part, longest))
}

/** Ways to cut a text, the best first. */
const SEAMS = [/\n{2,}/g, /\n/g, /(?<=[.!?。！？])\s*/gu, /\s+/g]
const FENCE = /^```.*$/gm

/** Cuts a text near its middle, where no code, link or emoji is cut; a code block that is too long is closed and opened. */
function cutInTwo(text: string): [string, string] | null {
  const closed = [...text.matchAll(/```[\s\S]*?(?:```|$)|`[^`\n]+`|!?\[[^\]\n]*\]\([^)\s]*\)|:[a-z0-9_+-]+:/g)]
  const middle = text.length / 2
  for (const seam of SEAMS) {
    const cuts = [...text.matchAll(seam)]
      .map(({ index, 0: found }) => ({ index, length: found.length }))
      .filter(({ index }) => index > 0 && index < text.length)
      .filter(({ index }) => !closed.some((one) => index > one.index && index < one.index + one[0].length))
    const best = cuts.sort((a, b) => Math.abs(a.index - middle) - Math.abs(b.index - middle))[0]
    if (best === undefined || best.index + best.length >= text.length) continue
    const [head, tail] = [text.slice(0, best.index).trimEnd(), text.slice(best.index + best.length)]
    if (head !== '' && tail.trim() !== '') return [head, tail]
  }
  return cutCodeBlock(text)
}

/** Cuts a text that is one long code block between two of its lines, and fences both parts. */
function cutCodeBlock(text: string): [string, string] | null {
  const fence = text.match(FENCE)?.[0]
  const lines = text.split('\n')
  if (fence === undefined || lines.length < 4) return null
  const middle = Math.floor(lines.length / 2)
  return [`${lines.slice(0, middle).join('\n')}\n\`\`\``, `${fence}\n${lines.slice(middle).join('\n')}`]
}

/** The last resort for one endless word: by characters, never inside an escape or a character of two units. */
function chopped(text: string, longest: number): string[] {
  const atoms = text.match(/&(?:amp|lt|gt);|<[^<>]*>|[\s\S]/gu) ?? []
  const pieces = ['']
  for (const atom of atoms) {
    if (pieces.at(-1)!.length + atom.length > longest) pieces.push('')
    pieces[pieces.length - 1] += atom
  }
  return pieces
}
