// What goes in and out of the conversation, in words of no platform.
import type { ErrorCode } from '../errors.ts'
import type { AnswerEvent, AnswerReport, StoryboardPicture } from './answerer.ts'
import type { IncomingClip } from './clip.ts'

/** Who wants something, and where. Every id begins with its platform, e.g. `discord:8123`. */
export interface Request {
  /** Unique among all requests, e.g. the id of the post or the interaction; goes to the log. */
  readonly id: string
  /** The conversation it belongs to: platform, then whatever tells its conversations apart, e.g. `terminal:main`. */
  readonly threadId: string
  /**
   * The place whose members read along: a channel, a platform's thread, a direct conversation. The same for all requests of
   * a thread: when it changes, the conversation begins anew, so that no clip is spoken of where it was not shown.
   */
  readonly channelId: string
  /** The channel that `channelId` hangs in where that is a platform's thread: what is set for it holds in the thread too. */
  readonly parentChannelId?: string
  /** Who asks; questions of one person take turns with those of others. */
  readonly userId: string
  /** Guild or workspace, for its limits and settings; absent in a direct conversation. */
  readonly groupId?: string
  /** Language of the person or the place, as the platform gives it, e.g. `es-ES`; English when absent or unknown. */
  readonly locale?: string
  /** True for what was asked a while ago, before a crash or while nobody listened: limits on what is asked now let it in. */
  readonly isLate?: boolean
}

/** A request that goes on about an earlier answer, e.g. by a button under it. */
export interface FollowUp extends Request {
  /** `questionId` of the reply that it goes on about; the thread's last when absent. */
  readonly about?: string
}

/** One post of a person, as an adapter hands it over. */
export interface IncomingMessage extends Request {
  /** The words, with the platform's mark-up and the bot's own name taken off; empty when only a clip was posted. */
  readonly text: string
  /** Clips of this post in order, all of which the person may see. Empty for a follow-up. */
  readonly clips: readonly IncomingClip[]
  /** Clips of the post that this one replies to (or points at by a link), which the person may see; they come first. */
  readonly repliedClips?: readonly IncomingClip[]
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

/** What a person may do next; adapters show these as buttons where the platform has any. */
export type ReplyAction = 'more-detail' | 'try-again' | 'forget'

/** A strip picture of the frames that were looked at. */
export interface Storyboard extends StoryboardPicture {
  /** The same in words, for those who cannot see it. */
  readonly description: string
}

/** What the person is to read in the end. */
export interface Reply {
  readonly kind: ReplyKind
  /** The whole text; when deltas came before it, they add up to it. */
  readonly text: string
  /** Sentences beside the answer, e.g. that older turns were left out. */
  readonly notices: readonly string[]
  /** What makes sense next, in the order to show it. */
  readonly actions: readonly ReplyAction[]
  /** Names the question for follow-ups, also when many came since; stays the same when it is tried again. */
  readonly questionId?: string
  /** Present for a refusal. */
  readonly code?: ErrorCode
  /** Present when the model ran to an end: frames looked at, times, tokens. */
  readonly report?: AnswerReport
  /** Present when the settings ask for it and the model looked at something. */
  readonly storyboard?: Storyboard
}

/** What an adapter shows of a question, in order; `end` comes last and exactly once. Texts are in the person's language. */
export type ReplyEvent =
  /** Other questions come first. Comes again whenever the place in the queue changes. */
  | { readonly type: 'waiting'; readonly ahead: number; readonly text: string }
  /** What is being done, e.g. `Looking at frames 3/8`. */
  | (Extract<AnswerEvent, { type: 'progress' }> & { readonly text: string })
  | Extract<AnswerEvent, { type: 'delta' }>
  | { readonly type: 'end'; readonly reply: Reply }
