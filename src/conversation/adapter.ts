// The port to a platform. An adapter turns the platform's events into messages, asks the conversation, and shows the reply
// events at the platform's own pace; it decides nothing else.
import type { ClipLocator, IncomingClip } from './clip.ts'
import type { FollowUp, IncomingMessage, ReplyEvent, Request } from './message.ts'
import type { Texts } from './texts/texts.ts'

/**
 * What an adapter may do with the conversation; the bot implements it. Nothing here throws: whatever goes wrong arrives as
 * a reply or a sentence.
 */
export interface Conversation {
  /**
   * Asks a question. Leaving the loop early cancels it.
   * @param signal stops the question, waiting or running
   */
  ask(message: IncomingMessage, signal?: AbortSignal): AsyncIterable<ReplyEvent>
  /** Asks for more about what an answer said. As ask. */
  moreDetail(request: FollowUp, signal?: AbortSignal): AsyncIterable<ReplyEvent>
  /** Asks a question once more: the same after a failure, in other words after an answer. As ask. */
  tryAgain(request: FollowUp, signal?: AbortSignal): AsyncIterable<ReplyEvent>
  /**
   * Forgets the turns of a thread and keeps its clips, after the questions that were asked before.
   * @returns the sentence to show
   */
  reset(request: Request): Promise<string>
  /**
   * Removes all that is stored for a thread, after the questions that were asked before.
   * @returns the sentence to show
   */
  forget(request: Request): Promise<string>
  /** True when something is stored for the thread: a post in it goes on with the conversation without a further mention. */
  isKnown(threadId: string): Promise<boolean>
  /** The texts in the language that replies to this request have: by the settings, else by its locale. */
  texts(request: Request): Texts
}

/** One platform that people talk on. */
export interface ChatAdapter {
  /** First part of its ids and the platform of its clips, e.g. `terminal`. */
  readonly platform: string
  /** Locates clips that this adapter handed over, today or months ago. Works from construction on. */
  readonly locateClip: ClipLocator
  /**
   * True when whoever asks may see the message in which a clip of this adapter was shown; asked of every clip of a thread
   * before each question. Absent: clips come from nowhere else than the conversation's own place.
   */
  maySeeClip?(clip: IncomingClip, request: Request): Promise<boolean>
  /** True while events come in. Absent: nobody can tell. */
  isConnected?(): boolean
  /**
   * Takes messages until the platform ends or the signal is aborted; then lets no question run on.
   * @throws AppError when the platform cannot be reached
   */
  run(conversation: Conversation, signal: AbortSignal): Promise<void>
}
