// Every text that people read, as a type: a language that lacks one does not compile. No text holds a path, a cause or
// anything secret: the log has those for the operator.
import type { ErrorCode } from '../../errors.ts'
import type { ProgressStage } from '../answerer.ts'
import type { ReplyAction } from '../message.ts'

/** Commands that platforms offer, by what they do. */
export type CommandName = 'ask' | 'describe' | 'reset' | 'forget' | 'help'

/** All texts of one language. */
export interface Texts {
  /** The sentence for each error. */
  readonly errors: Readonly<Record<ErrorCode, string>>
  /** Said instead of the one for RATE_LIMITED, where it is known who asked too much and for how long to wait. */
  readonly rateLimited: (who: 'user' | 'group', waitSeconds: number) => string
  /** Put before an error that is about one of several clips. */
  readonly aboutClip: (clipNumber: number, sentence: string) => string

  /** Asked when there is nothing to look at yet: the model never answers as if it had seen a clip. */
  readonly clipWanted: string
  /** Asked when a message holds no words and brings no clip. */
  readonly questionWanted: string
  /** Said when a question names a clip by a number that the thread does not have. */
  readonly noSuchClip: (clipCount: number) => string
  /** Said when there is no question to repeat or to say more about. */
  readonly nothingToRepeat: string
  /** Said when the model's answer holds no text. */
  readonly noAnswer: string
  /** Said when the person stopped the answer. */
  readonly cancelled: string
  /** Said beside an answer that reached its longest length. */
  readonly cutShort: string
  /** Said beside an answer for which older turns had to go. */
  readonly turnsDropped: (count: number) => string
  /** Said beside an answer when an earlier clip of the thread can no longer be had. */
  readonly clipsDropped: (count: number) => string
  /** Said when the turns of a thread were forgotten. */
  readonly resetDone: string
  /** Said when everything of a thread was removed. */
  readonly forgetDone: string

  /** A place in the queue: so many questions come first. */
  readonly waiting: (ahead: number) => string
  /** What is being done; a count such as `3/8` may follow. */
  readonly stages: Readonly<Record<ProgressStage, string>>
  /** Says in words what a storyboard shows; times as `0:07`. */
  readonly storyboard: (times: readonly string[]) => string

  /** Labels of buttons, at most 20 characters. */
  readonly actions: Readonly<Record<ReplyAction | 'stop', string>>
  /** What each command does, at most 100 characters. */
  readonly commands: Readonly<Record<CommandName, string>>
  /** What the command parameters are, at most 100 characters. */
  readonly parameters: Readonly<Record<'clip' | 'question', string>>
  /** Label of the entry that describes the clip of a message, at most 24 characters. */
  readonly describeClip: string
  /** First line of the help, above the list of commands. */
  readonly helpIntroduction: string
  /** Said to a person alone whom the operator's lists do not let in. */
  readonly notWelcome: string
  /** Said to a person alone who presses a button of another person's question. */
  readonly notYours: string
  /** Greets a person in a new direct conversation. */
  readonly greeting: string
  /** Questions to choose from. */
  readonly suggestions: readonly string[]
}
