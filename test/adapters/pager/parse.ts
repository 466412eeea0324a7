// What comes from the exchange becomes what a person wants.
import { localClip } from '../../../src/conversation/locate-clip.ts'
import type { IncomingMessage, Request } from '../../../src/conversation/message.ts'

/** First part of every id. */
export const PAGER = 'pager'

/** What a page asks for. */
export type PagerWish =
  | { readonly type: 'question'; readonly message: IncomingMessage }
  | { readonly type: 'stop' | 'reset' | 'forget'; readonly request: Request }

/** A page as the exchange sends it. */
export interface IncomingPage {
  readonly id: string
  readonly pager: string
  readonly text: string
  readonly clip: string | null
}

/** Reads a page: a command in one word, or a question. A pager is one person and one conversation. */
export function parsePage({ id, pager, text, clip }: IncomingPage): PagerWish {
  const conversation = `${PAGER}:${pager}`
  const request = {
    id: `${PAGER}:${id}`,
    threadId: conversation,
    channelId: conversation,
    userId: conversation,
  }
  const command = text.trim().toLowerCase()
  if (command === 'stop' || command === 'reset' || command === 'forget') return { type: command, request }
  const clips = clip === null ? [] : [localClip(clip, PAGER)]
  return { type: 'question', message: { ...request, text: text.trim(), clips } }
}
