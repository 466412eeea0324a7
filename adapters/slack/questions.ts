// The questions that are being answered: started, shown, stopped. Other processes that serve the same app are asked about
// those that are not found here.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply, ReplyEvent, Request } from '../../src/conversation/message.ts'
import { PARKED } from '../../src/conversation/parked.ts'
import type { OpenQuestion, QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { QuestionElsewhere, SharedQuestions } from '../../src/conversation/shared-questions.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Recipient } from './answer-stream.ts'
import { LiveReply, type ReplyTarget } from './live-reply.ts'
import { settleQuestion } from './open-questions.ts'
import { type Place, SLACK } from './place.ts'
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
  /** In the ledger; absent for what is not asked again after a crash. */
  readonly question?: OpenQuestion
  /** Asks the conversation. */
  readonly ask: (signal: AbortSignal) => AsyncIterable<ReplyEvent>
}

/** A question that needs the model no longer: one sentence. */
async function* refuse(text: string): AsyncGenerator<ReplyEvent> {
  yield { type: 'end', reply: { kind: 'incomplete', text, notices: [], actions: [] } }
}

interface Running {
  readonly threadId: string
  /** Who asked, by Slack's id. */
  readonly userId: string
  /** What it is known by: its id, and the post that asks. */
  readonly names: readonly string[]
  readonly stop: (reason?: unknown) => void
  readonly done: Promise<void>
}

/** What holds for the replies to all questions. */
export type QuestionsOptions = Pick<ReplyTarget, 'logger' | 'nativeStreaming' | 'assistantPane'> & {
  readonly ledger: QuestionLedger
  readonly shared: SharedQuestions
}

/** All questions of the adapter. */
export class Questions {
  readonly #options: QuestionsOptions
  readonly #running = new Set<Running>()
  #isClosed = false

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  /** True while a question of the thread is being answered: what is posted meanwhile belongs to it. Never rejects. */
  async isRunningIn(threadId: string): Promise<boolean> {
    if ([...this.#running].some((one) => one.threadId === threadId)) return true
    const { shared, logger } = this.#options
    return await shared.isAnsweredIn(threadId).catch((error: unknown) => {
      logger.warn({ thread: threadId, reason: describeError(error) }, 'it is not known who answers in a thread')
      return false
    })
  }

  /** Asks and shows the reply. Never rejects. */
  async run(question: Question): Promise<void> {
    if (this.#isClosed) return
    const id = randomUUID()
    const controller = new AbortController()
    const { request, place, postTs } = question
    const { userId } = question.recipient
    const stop = (reason?: unknown) => controller.abort(reason)
    const names = [nameOf(id), ...(postTs === undefined ? [] : [nameOfPost(place.channel, postTs)])]
    const release = this.#options.shared.hold({ names, userId, stop })
    const done = this.#show(id, question, controller)
    const running = { threadId: request.threadId, userId, names, stop, done }
    this.#running.add(running)
    await done.finally(() => {
      this.#running.delete(running)
      release()
    })
  }

  /**
   * Stops one question, here or where else it is answered.
   * @param userId who must have asked it; null: whoever did
   * @throws AppError when it cannot be told whether anybody answers it
   */
  async stop(id: string, userId: string | null): Promise<'stopped' | 'not-theirs' | 'not-running'> {
    const found = await this.#find(nameOf(id))
    if (found === null) return 'not-running'
    if (userId !== null && found.userId !== userId) return 'not-theirs'
    await found.stop()
    return 'stopped'
  }

  /** Stops what a post asked. Never rejects. */
  async stopForPost(channel: string, ts: string): Promise<void> {
    try {
      const found = await this.#find(nameOfPost(channel, ts))
      await found?.stop()
    } catch (error) {
      this.#options.logger.warn({ channel, reason: describeError(error) }, 'the question of a deleted post goes on')
    }
  }

  async #find(name: string): Promise<Running | QuestionElsewhere | null> {
    const own = [...this.#running].find(({ names }) => names.includes(name))
    return own ?? (await this.#options.shared.find(name))
  }

  /**
   * Takes no more; stops what has not ended by itself in time, and waits for the last words to be shown, within a limit.
   * @param finishMs how long running questions may go on
   */
  async close(limitMs: number, finishMs = 0): Promise<void> {
    this.#isClosed = true
    await this.#allDone(finishMs)
    for (const { stop } of this.#running) stop(PARKED)
    await this.#allDone(limitMs)
  }

  async #allDone(limitMs: number): Promise<void> {
    const all = [...this.#running]
    const inTime = new AbortController()
    await Promise.race([
      Promise.allSettled(all.map(({ done }) => done)),
      sleep(limitMs, undefined, { signal: inTime.signal }).catch(() => {}),
    ])
    inTime.abort()
  }

  async #show(id: string, question: Question, stop: AbortController): Promise<void> {
    const { workspace, place, recipient, request, texts, question: open, ask } = question
    const { logger, ledger } = this.#options
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
      mark: open?.id ?? request.id,
      texts,
      ...this.#options,
      stop: () => stop.abort(),
      giveUp,
      onPosted: (ts) => {
        if (open !== undefined) void this.#noteReply(open.id, ts)
      },
    })
    try {
      const isGivenUp = open?.isGivenUp === true
      const shown = await reply.show(isGivenUp ? refuse(texts.errors.INFERENCE_FAILED) : ask(stop.signal))
      if (open !== undefined && !this.#isCut(shown)) await settleQuestion(ledger, open.id, logger)
    } catch (error) {
      if (open !== undefined && !this.#isCut(null)) {
        if (isGone) await settleQuestion(ledger, open.id, logger)
        else await ledger.putBack(open.id).catch(() => {})
      }
      if (!isGone) logger.error({ message: request.id, reason: describeError(error) }, 'reply not shown to its end')
    }
  }

  /** What a stop of the program has cut stays open, and is asked again at the next start. */
  #isCut(reply: Reply | null): boolean {
    return this.#isClosed && (reply === null || reply.kind === 'cancelled')
  }

  async #noteReply(id: string, ts: string): Promise<void> {
    const { ledger, logger } = this.#options
    await ledger.noteReply(id, ts).catch((error: unknown) => {
      logger.warn({ message: id, reason: describeError(error) }, 'a reply could not be noted')
    })
  }
}

function nameOf(questionId: string): string {
  return `${SLACK}:${questionId}`
}

function nameOfPost(channel: string, ts: string): string {
  return `${SLACK}:post:${channel}:${ts}`
}
