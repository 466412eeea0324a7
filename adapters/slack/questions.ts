// The questions that are being answered: started, shown, stopped.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplyEvent, Request } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Recipient } from './answer-stream.ts'
import { LiveReply, type ReplyTarget } from './live-reply.ts'
import type { Place } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/** A question with the place where its reply is shown. */
export interface Question {
  readonly workspace: Workspace
  readonly place: Place
  readonly recipient: Recipient
  readonly request: Request
  /** In the language of the reply. */
  readonly texts: Texts
  /** The post that asks; when it is deleted, the question ends. */
  readonly postTs?: string
  /** Asks the conversation. */
  readonly ask: (signal: AbortSignal) => AsyncIterable<ReplyEvent>
}

interface Running {
  readonly threadId: string
  /** Who asked, by Slack's id. */
  readonly userId: string
  readonly post: string | null
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** What holds for the replies to all questions. */
export type QuestionsOptions = Pick<ReplyTarget, 'logger' | 'nativeStreaming' | 'assistantPane'>

/** All questions of the adapter. */
export class Questions {
  readonly #options: QuestionsOptions
  readonly #running = new Map<string, Running>()
  #isClosed = false

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  /** True while a question of the thread is being answered: what is posted meanwhile belongs to it. */
  isRunningIn(threadId: string): boolean {
    return [...this.#running.values()].some((one) => one.threadId === threadId)
  }

  /** Asks and shows the reply. Never rejects. */
  async run(question: Question): Promise<void> {
    if (this.#isClosed) return
    const id = randomUUID()
    const stop = new AbortController()
    const { request, place, postTs } = question
    const post = postTs === undefined ? null : `${place.channel}:${postTs}`
    const done = this.#show(id, question, stop)
    const { userId } = question.recipient
    this.#running.set(id, { threadId: request.threadId, userId, post, stop, done })
    await done.finally(() => this.#running.delete(id))
  }

  /** Stops one question, for the person who asked it only. */
  stop(id: string, userId: string): 'stopped' | 'not-theirs' | 'not-running' {
    const running = this.#running.get(id)
    if (running === undefined) return 'not-running'
    if (running.userId !== userId) return 'not-theirs'
    running.stop.abort()
    return 'stopped'
  }

  /** Stops what a post asked. */
  stopForPost(channel: string, ts: string): void {
    for (const { post, stop } of this.#running.values()) if (post === `${channel}:${ts}`) stop.abort()
  }

  /** Stops all and takes no more; waits for their last words to be shown, within a limit. */
  async close(limitMs: number): Promise<void> {
    this.#isClosed = true
    const all = [...this.#running.values()]
    for (const { stop } of all) stop.abort()
    const inTime = new AbortController()
    await Promise.race([
      Promise.allSettled(all.map(({ done }) => done)),
      sleep(limitMs, undefined, { signal: inTime.signal }).catch(() => {}),
    ])
    inTime.abort()
  }

  async #show(id: string, question: Question, stop: AbortController): Promise<void> {
    const { workspace, place, recipient, request, texts, ask } = question
    const { logger } = this.#options
    let isGone = false
    const giveUp = (error: unknown) => {
      isGone = true
      logger.warn({ message: request.id, reason: describeError(error) }, 'reply cannot be shown; question stopped')
      stop.abort()
    }
    const reply = new LiveReply({
      workspace,
      place,
      recipient,
      questionId: id,
      texts,
      ...this.#options,
      stop: () => stop.abort(),
      giveUp,
    })
    try {
      await reply.show(ask(stop.signal))
    } catch (error) {
      if (!isGone) logger.error({ message: request.id, reason: describeError(error) }, 'reply not shown to its end')
    }
  }
}
