// What goes in and out of the conversation, in words of no platform.
import type { ErrorCode } from '../errors.ts'
import type { AnswerEvent, AnswerReport } from './answerer.ts'

/** A clip that came with a message. */
export interface IncomingClip {
  /** Where it lies on this machine. The file must stay while its thread may ask about it. */
  readonly path: string
}

/** One post of a person, as an adapter hands it over. */
export interface IncomingMessage {
  /** Unique within its platform, e.g. `terminal:12`; goes to the log. */
  readonly id: string
  /** The conversation it belongs to: platform, then whatever tells its conversations apart, e.g. `terminal:main`. */
  readonly threadId: string
  /** The words, with the platform's mark-up and the bot's own name taken off; empty when only a clip was posted. */
  readonly text: string
  /** Clips in the order they were posted. Empty for a follow-up: it is about the thread's last clip. */
  readonly clips: readonly IncomingClip[]
}

/** How a question ended. */
export type ReplyKind =
  /** The model answered. */
  | 'answer'
  /** There is no clip to look at yet, or no question; the model did not run. */
  | 'incomplete'
  /** An error; `code` says which. The thread is as it was before. */
  | 'refusal'
  /** The person stopped it. */
  | 'cancelled'

/** What the person is to read in the end. */
export interface Reply {
  readonly kind: ReplyKind
  /** The whole text; when deltas came before it, they add up to it. */
  readonly text: string
  /** Sentences beside the answer, e.g. that older turns were left out. */
  readonly notices: readonly string[]
  /** Present for a refusal. */
  readonly code?: ErrorCode
  /** Present when the model ran to an end: frames looked at, times, tokens. */
  readonly report?: AnswerReport
}

/** What an adapter shows of a question, in order; `end` comes last and exactly once. */
export type ReplyEvent =
  /** Other questions of this thread come first. */
  | { readonly type: 'waiting'; readonly ahead: number }
  | Extract<AnswerEvent, { type: 'progress' | 'delta' }>
  | { readonly type: 'end'; readonly reply: Reply }
