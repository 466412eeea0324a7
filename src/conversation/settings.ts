// What can be set differently for each channel. Plain values: where they come from is the business of whoever starts the
// bot.
import type { AnswerOptions, ClipLimits } from './answerer.ts'
import type { Request } from './message.ts'
import type { QuestionLimits } from './rate-limiter.ts'

/** Settings of one channel; what is absent has its default. */
export interface ChannelSettings {
  /** Replaces the model's own system prompt. */
  readonly systemPrompt?: string
  /** Language of all replies, e.g. `es`; default the locale of the request, else English. */
  readonly locale?: string
  /** Ends each answer with a strip picture of the frames that were looked at; default false. */
  readonly storyboard?: boolean
  readonly answerOptions?: AnswerOptions
  /** Bounds of clips, narrower than everywhere else. */
  readonly clipLimits?: ClipLimits
  /** Asked of a clip that comes without words; default `Describe this clip.` */
  readonly defaultQuestion?: string
  /** Asked when more detail is wanted; default `Describe it in more detail.` */
  readonly detailQuestion?: string
  /** How much may be asked; default without limit. */
  readonly limits?: QuestionLimits
}

/** Finds the settings that hold for a request. */
export type SettingsLookup = (request: Request) => ChannelSettings
