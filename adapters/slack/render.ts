// Text of the model becomes text that does nothing in Slack but be read: every angle bracket and ampersand is escaped, so
// that no mention, no broadcast and no hidden link can form, wherever a stream cuts it.
import { splitReply } from '../../src/conversation/split-reply.ts'
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
  return fitted(markdown, longest, longest)
}

/** Escapes make a text longer, to five times its length at most; only then is it split finer. */
function fitted(markdown: string, longest: number, limit: number): string[] {
  return splitReply(markdown, limit).flatMap((piece) => {
    const rendered = toMrkdwn(piece)
    return rendered.length <= longest ? [rendered] : fitted(piece, longest, Math.floor(limit / 2))
  })
}
