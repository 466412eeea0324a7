// The port to a platform. An adapter turns the platform's events into messages, asks the conversation, and shows the reply
// events at the platform's own pace; it decides nothing else.
import type { IncomingMessage, ReplyEvent } from './message.ts'

/** What an adapter may do with the conversation; the bot implements it. */
export interface Conversation {
  /**
   * Asks a question. Never throws: whatever goes wrong arrives as the reply of the `end` event.
   * Leaving the loop early cancels the question.
   * @param signal stops the question, waiting or running
   */
  ask(message: IncomingMessage, signal?: AbortSignal): AsyncIterable<ReplyEvent>
  /** Forgets all turns and clips of a thread, after the questions that were asked before. */
  reset(threadId: string): Promise<void>
}

/** One platform that people talk on. */
export interface ChatAdapter {
  /** First part of its thread ids, e.g. `terminal`. */
  readonly platform: string
  /**
   * Takes messages until the platform ends or the signal is aborted; then lets no question run on.
   * @throws AppError when the platform cannot be reached
   */
  run(conversation: Conversation, signal: AbortSignal): Promise<void>
}
