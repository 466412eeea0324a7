// What bots and engines say to each other. Plain data: it crosses Redis as JSON.
import type { AnswerEvent, AnswerReport, Question } from '../conversation/answerer.ts'
import type { IncomingClip } from '../conversation/clip.ts'
import type { SerializedError } from '../errors.ts'

/** Raised whenever a message or a job changes so that an older program does not understand it. */
export const WIRE_VERSION = 1

/** A question on its way from a bot to an engine. */
export interface QuestionJob {
  readonly wire: typeof WIRE_VERSION
  /** Whose inbox the answer goes to. */
  readonly botId: string
  /** The trace that the bot logs it under. */
  readonly trace?: string
  readonly question: Question
}

/** A report whose picture is text. */
export type WireReport = Omit<AnswerReport, 'storyboard'> & {
  readonly storyboard?: Omit<NonNullable<AnswerReport['storyboard']>, 'png'> & { readonly png: string }
}

/** What an engine tells a bot about a question; `id` is that of its job. */
export type AnswerMessage =
  /** An engine has taken it; not for the first time when another one was lost meanwhile. */
  | { readonly type: 'begun'; readonly id: string; readonly engineId: string; readonly attempt: number }
  | { readonly type: 'progress'; readonly id: string; readonly event: Extract<AnswerEvent, { type: 'progress' }> }
  /** Words of the answer. @property at how many characters of it come before */
  | { readonly type: 'delta'; readonly id: string; readonly at: number; readonly text: string }
  | { readonly type: 'end'; readonly id: string; readonly report: WireReport }
  | { readonly type: 'failed'; readonly id: string; readonly error: SerializedError }
  /** It was cancelled before its first word. */
  | { readonly type: 'cancelled'; readonly id: string }

/** Everything that may lie in an inbox. */
export type ClusterMessage =
  | AnswerMessage
  /** Engine to bot: where can this clip be had? */
  | { readonly type: 'locate'; readonly requestId: string; readonly engineId: string; readonly clip: IncomingClip }
  /** Bot to engine: the location, or the error, sealed for this request. */
  | { readonly type: 'located'; readonly requestId: string; readonly sealed: string }
  /** Bot to engine: this answer is not wanted any more. */
  | { readonly type: 'cancel'; readonly id: string }
  /** Bot to bot: somebody stopped a question that you answer. */
  | { readonly type: 'stop'; readonly name: string }
  /** Bot to every engine. */
  | { readonly type: 'forget'; readonly threadId: string }

/** The report as text. */
export function reportToWire({ storyboard, ...report }: AnswerReport): WireReport {
  if (storyboard === undefined) return report
  return { ...report, storyboard: { ...storyboard, png: Buffer.from(storyboard.png).toString('base64') } }
}

/** The opposite of reportToWire. */
export function reportFromWire({ storyboard, ...report }: WireReport): AnswerReport {
  if (storyboard === undefined) return report
  return { ...report, storyboard: { ...storyboard, png: Buffer.from(storyboard.png, 'base64') } }
}
