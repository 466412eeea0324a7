// A reply as it stands becomes the messages that show it.
import type { Reply, Storyboard } from '../../src/conversation/message.ts'
import { splitReply } from '../../src/conversation/split-reply.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { actionButtons, type ButtonRow, stopButton } from './buttons.ts'
import { MAX_CONTENT_LENGTH, MAX_UPLOAD_BYTES } from './limits.ts'

/** A reply on its way. */
export interface ReplyState {
  /** What is being done, before the first word; empty when nothing is known. */
  readonly status: string
  /** The words that came so far. */
  readonly streamed: string
  /** Null while the answer runs. */
  readonly reply: Reply | null
}

/** One message of a reply. */
export interface RenderedPart {
  readonly content: string
  readonly components: readonly ButtonRow[]
  readonly storyboard: Storyboard | null
}

/** What a reply needs to know to be rendered. */
export interface RenderOptions {
  readonly requestId: string
  readonly threadId: string
  readonly texts: Texts
  /** False where the bot may attach no files. */
  readonly mayAttach: boolean
  /** Messages that may be used at most. */
  readonly maxParts: number
}

/** Small print. https://support.discord.com/hc/en-us/articles/210298617 */
const SMALL = '-# '
const CUT_MARK = ' …'

/** Renders a reply; buttons and storyboard go with the last message. */
export function renderReply(state: ReplyState, options: RenderOptions): RenderedPart[] {
  const { requestId, threadId, texts, mayAttach, maxParts } = options
  const { reply } = state
  const contents = limitParts(contentsOf(state, texts), maxParts)
  const components = reply === null ? [stopButton(requestId, texts)] : actionButtons(reply, threadId, texts)
  const shown = reply?.storyboard
  const storyboard = shown !== undefined && mayAttach && shown.png.length <= MAX_UPLOAD_BYTES ? shown : null
  return contents.map((content, index) => {
    const isLast = index === contents.length - 1
    return { content, components: isLast ? components : [], storyboard: isLast ? storyboard : null }
  })
}

/** The texts of the messages: the words, then what belongs beside them in small print. */
function contentsOf({ status, streamed, reply }: ReplyState, texts: Texts): string[] {
  const hasWords = streamed.trim() !== ''
  if (reply === null) return hasWords ? splitReply(streamed, MAX_CONTENT_LENGTH) : [`${SMALL}${status}`]
  const isBrokenOff = hasWords && (reply.kind === 'refusal' || reply.kind === 'incomplete')
  // The words that were shown stay; what ended them comes after.
  const words = splitReply(isBrokenOff ? streamed : reply.text, MAX_CONTENT_LENGTH)
  const withEnd = isBrokenOff ? append(words, `\n${reply.text}`) : words
  const stopped = hasWords && reply.kind === 'cancelled' ? [texts.cancelled] : []
  return [...reply.notices, ...stopped].reduce((contents, notice) => append(contents, `${SMALL}${notice}`), withEnd)
}

/** Adds a line to the last message, or a message where it does not fit. */
function append(contents: readonly string[], line: string): string[] {
  const last = contents.at(-1)
  if (last === undefined || last.length + 1 + line.length > MAX_CONTENT_LENGTH) return [...contents, line.trimStart()]
  return [...contents.slice(0, -1), `${last}\n${line}`]
}

function limitParts(contents: readonly string[], maxParts: number): readonly string[] {
  if (contents.length <= maxParts) return contents
  const kept = contents.slice(0, maxParts)
  const last = kept.pop() ?? ''
  return [...kept, last.slice(0, MAX_CONTENT_LENGTH - CUT_MARK.length) + CUT_MARK]
}
