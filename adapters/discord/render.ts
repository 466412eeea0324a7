// A reply as it stands becomes the messages that show it.
import type { Reply, Storyboard } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { actionButtons, type ButtonRow, stopButton } from './buttons.ts'
import { MAX_CONTENT_LENGTH, MAX_UPLOAD_BYTES } from './limits.ts'
import { closeFence, splitText } from './split-text.ts'

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
  const contents = limitParts(splitText(closeFence(bodyOf(state, texts)), MAX_CONTENT_LENGTH), maxParts)
  const components = reply === null ? [stopButton(requestId, texts)] : actionButtons(reply.actions, threadId, texts)
  const shown = reply?.storyboard
  const storyboard = shown !== undefined && mayAttach && shown.png.length <= MAX_UPLOAD_BYTES ? shown : null
  return contents.map((content, index) => {
    const isLast = index === contents.length - 1
    return { content, components: isLast ? components : [], storyboard: isLast ? storyboard : null }
  })
}

function bodyOf({ status, streamed, reply }: ReplyState, texts: Texts): string {
  if (reply === null) return streamed.trim() === '' ? `${SMALL}${status}` : streamed
  const notices = [...reply.notices]
  let words = reply.text
  if (streamed.trim() !== '') {
    // The words that were shown stay; what ended them comes after.
    if (reply.kind === 'refusal' || reply.kind === 'incomplete')
      words = `${closeFence(streamed).trimEnd()}\n\n${reply.text}`
    else if (reply.kind === 'cancelled') notices.push(texts.cancelled)
  }
  return [closeFence(words), ...notices.map((notice) => `${SMALL}${notice}`)].join('\n')
}

function limitParts(contents: readonly string[], maxParts: number): readonly string[] {
  if (contents.length <= maxParts) return contents
  const kept = contents.slice(0, maxParts)
  const last = kept.pop() ?? ''
  return [...kept, last.slice(0, MAX_CONTENT_LENGTH - CUT_MARK.length) + CUT_MARK]
}
