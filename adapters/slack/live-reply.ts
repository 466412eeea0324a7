// Shows one reply while it comes: queue and progress in a message with a Stop button, the answer by Slack's streaming or
// by edits of that message, at the end what can be done next and the storyboard.
import type { types } from '@slack/bolt'
import { assertNever } from '../../src/assert.ts'
import type { Reply, ReplyEvent } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Logger } from '../../src/logger.ts'
import { AnswerStream, type Recipient } from './answer-stream.ts'
import { setStatus } from './assistant-pane.ts'
import { actionButtons, feedbackButtons, note, stopButton } from './blocks.ts'
import { EditedMessage } from './edited-message.ts'
import { isDirect, type Place } from './place.ts'
import { escaped, toMessages } from './render.ts'
import { postStoryboard } from './storyboard.ts'
import type { Workspace } from './workspace.ts'

/** Where and how a reply is shown. */
export interface ReplyTarget {
  readonly workspace: Workspace
  readonly place: Place
  readonly recipient: Recipient
  /** What the Stop button names. */
  readonly questionId: string
  /** Id of the request; marks the messages of the reply. */
  readonly mark: string
  readonly texts: Texts
  /** Whether Slack's streaming may be used. */
  readonly nativeStreaming: boolean
  /** Whether the assistant pane shows what is being done. */
  readonly assistantPane: boolean
  readonly logger: Logger
  /** Stops the question, since the person said so. */
  readonly stop: () => void
  /** Stops the question, since nothing can be shown any more. */
  readonly giveUp: (error: unknown) => void
  /** Told of each message of the reply as it appears. */
  readonly onPosted: (ts: string) => void
}

/** One reply on its way. */
export class LiveReply {
  readonly #target: ReplyTarget
  readonly #message: EditedMessage
  #stream: AnswerStream | null = null
  #answer = ''

  constructor(target: ReplyTarget) {
    this.#target = target
    const { workspace, place, logger, giveUp, onPosted } = target
    this.#message = new EditedMessage(workspace, place, logger, { gone: giveUp, posted: onPosted }, target.mark)
    // Streams exist in threads only.
    if (target.nativeStreaming && place.threadTs !== undefined) this.#stream = this.#newStream()
  }

  /**
   * Shows the events to their end.
   * @throws SlackError when the end cannot be shown
   */
  async show(events: AsyncIterable<ReplyEvent>): Promise<Reply | null> {
    for await (const event of events) {
      switch (event.type) {
        case 'waiting':
        case 'progress':
          if (this.#answer === '') this.#showProgress(event.text)
          break
        case 'delta':
          this.#addWords(event.text)
          break
        case 'end':
          await this.#finish(event.reply)
          return event.reply
        default:
          assertNever(event)
      }
    }
    return null
  }

  #showProgress(text: string): void {
    const { questionId, texts, workspace, place, assistantPane } = this.#target
    this.#message.show(() => ({ text: escaped(text), below: [stopButton(questionId, texts)] }))
    if (assistantPane && isDirect(place.channel)) setStatus(workspace, place, text)
  }

  #addWords(text: string): void {
    this.#answer += text
    if (this.#stream === null) this.#showAnswer()
    else this.#stream.append(text)
  }

  #showAnswer(): void {
    const { questionId, texts } = this.#target
    if (this.#answer.trim() === '') return
    this.#message.show(() => {
      // A long answer shows its newest part while it grows.
      const text = toMessages(this.#answer).at(-1) ?? ''
      return { text, below: [stopButton(questionId, texts)] }
    })
  }

  async #finish(reply: Reply): Promise<void> {
    const { workspace, place, logger } = this.#target
    await this.#stream?.settle()
    const isStreamed = this.#stream?.isVisible === true
    const isItsEnd = reply.kind === 'answer' || reply.kind === 'cancelled'
    const below = this.#blocksBelow(reply)
    if (isStreamed) await this.#stream?.end(isItsEnd ? below : [])
    if (isStreamed && isItsEnd) await this.#message.remove()
    else await this.#message.end(toMessages(reply.text), below)
    if (reply.storyboard !== undefined) await postStoryboard(workspace, place, reply.storyboard, logger)
  }

  #blocksBelow(reply: Reply): types.KnownBlock[] {
    const { kind, notices } = reply
    const { texts } = this.#target
    const feedback = kind === 'answer' ? [feedbackButtons()] : []
    return [...notices.map((notice) => note(escaped(notice))), ...actionButtons(reply, texts), ...feedback]
  }

  #newStream(): AnswerStream {
    const { workspace, place, recipient, logger, stop, giveUp, onPosted } = this.#target
    return new AnswerStream(workspace, place, recipient, logger, {
      stopped: stop,
      gone: giveUp,
      posted: onPosted,
      failedToStart: () => {
        this.#stream = null
        this.#showAnswer()
      },
    })
  }
}
