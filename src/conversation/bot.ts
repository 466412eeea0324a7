// The flow of every conversation, whatever the platform: a message joins its thread, the answerer answers, the reply
// streams back, and the thread is kept only when the question went well.
import { AppError, type ErrorCode } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Conversation } from './adapter.ts'
import type { Answerer, AnswerOptions, AnswerReport } from './answerer.ts'
import { buildMessages } from './build-messages.ts'
import type { IncomingMessage, Reply, ReplyEvent, Request } from './message.ts'
import { progressText, waitingText } from './progress-text.ts'
import {
  CANCELLED,
  CLIP_WANTED,
  CUT_SHORT,
  ERROR_SENTENCES,
  FORGET_DONE,
  NO_ANSWER,
  QUESTION_WANTED,
  RESET_DONE,
  turnsDropped,
} from './reply-text.ts'
import {
  addAnswer,
  addClips,
  addQuestion,
  currentClipIds,
  dropOldestTurns,
  forgetTurns,
  newThread,
  type Thread,
  takeBackLastQuestion,
} from './thread.ts'
import type { ThreadStore } from './thread-store.ts'
import { TurnOrder } from './turn-order.ts'

/** What the bot works with. */
export interface BotOptions {
  readonly answerer: Answerer
  readonly store: ThreadStore
  readonly logger: Logger
  readonly answerOptions?: AnswerOptions
  /** Replaces the model's own system prompt. */
  readonly systemPrompt?: string
  /** Asked of a clip that comes without words. */
  readonly defaultQuestion?: string
}

const DEFAULT_QUESTION = 'Describe this clip.'
const MORE_DETAIL_QUESTION = 'Describe it in more detail.'

/** Questions a thread remembers at most, whatever the model's context: bounds what one thread can hold in memory. */
const MAX_QUESTIONS_KEPT = 50

/** The conversation core. Callers close the answerer and the store. */
export class Bot implements Conversation {
  readonly #options: BotOptions
  readonly #order = new TurnOrder()

  constructor(options: BotOptions) {
    this.#options = options
  }

  async *ask(message: IncomingMessage, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    const ticket = this.#order.take(message.threadId)
    try {
      if (ticket.ahead > 0) yield { type: 'waiting', ahead: ticket.ahead, text: waitingText(ticket.ahead) }
      await ticket.ready(signal)
      yield* this.#answer(message, signal)
    } catch (error) {
      yield { type: 'end', reply: this.#failed(message, error, signal) }
    } finally {
      ticket.release()
    }
  }

  async *moreDetail(request: Request, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    yield* this.ask({ ...request, text: MORE_DETAIL_QUESTION, clips: [] }, signal)
  }

  async *tryAgain(request: Request, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    const thread = await this.#options.store.load(request.threadId)
    const last = thread === null ? null : takeBackLastQuestion(thread)
    if (last !== null) await this.#options.store.save(last.thread)
    yield* this.ask({ ...request, text: last?.question.text ?? '', clips: [] }, signal)
  }

  async reset({ threadId }: Request): Promise<string> {
    const ticket = this.#order.take(threadId)
    try {
      await ticket.ready()
      const thread = await this.#options.store.load(threadId)
      if (thread !== null) await this.#options.store.save(forgetTurns(thread))
      return RESET_DONE
    } finally {
      ticket.release()
    }
  }

  async forget({ threadId }: Request): Promise<string> {
    const ticket = this.#order.take(threadId)
    try {
      await ticket.ready()
      await this.#options.store.delete(threadId)
      await this.#options.answerer.forget(threadId)
      return FORGET_DONE
    } finally {
      ticket.release()
    }
  }

  async isKnown(threadId: string): Promise<boolean> {
    return (await this.#options.store.load(threadId)) !== null
  }

  async *#answer(message: IncomingMessage, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    const { store, defaultQuestion = DEFAULT_QUESTION } = this.#options
    const stored = await store.load(message.threadId)
    const before = stored?.channelId === message.channelId ? stored : newThread(message.threadId, message.channelId)
    const words = message.text.trim()
    const { thread: shown, clipIds } = addClips(before, [...(message.repliedClips ?? []), ...message.clips])
    if (clipIds.length === 0 && (words === '' || shown.clips.length === 0)) {
      const text = shown.clips.length === 0 ? CLIP_WANTED : QUESTION_WANTED
      yield { type: 'end', reply: { kind: 'incomplete', text, notices: [], actions: [] } }
      return
    }
    const about = clipIds.length > 0 ? clipIds : currentClipIds(shown)
    const asked = addQuestion(shown, words === '' ? defaultQuestion : words, about)
    const { thread, dropped, report } = yield* this.#fitAndAnswer(asked, signal)
    const reply = replyOf(report, dropped)
    if (report.answer.trim() !== '') await store.save(addAnswer(thread, report.answer))
    this.#logAnswer(message, report, dropped)
    yield { type: 'end', reply }
  }

  /** Asks the answerer; drops the oldest turns for as long as the thread does not fit the model's context. */
  async *#fitAndAnswer(asked: Thread, signal?: AbortSignal): AsyncGenerator<ReplyEvent, FittedAnswer> {
    const { answerer, answerOptions = {}, systemPrompt } = this.#options
    let thread = asked
    let dropped = 0
    for (;;) {
      let streamed = false
      try {
        if (thread.turns.length > 2 * MAX_QUESTIONS_KEPT) throw tooManyQuestions()
        const messages = buildMessages(thread, systemPrompt)
        for await (const event of answerer.answer({ threadId: thread.id, messages, options: answerOptions }, signal)) {
          if (event.type === 'end') return { thread, dropped, report: event.report }
          streamed ||= event.type === 'delta'
          yield event.type === 'progress' ? { ...event, text: progressText(event) } : event
        }
        throw new AppError('INFERENCE_FAILED', 'The answerer ended without a report. This is a fault of Valley.')
      } catch (error) {
        const overflow = error instanceof AppError && error.code === 'CONTEXT_OVERFLOW' && !streamed
        const shorter = overflow ? dropOldestTurns(thread) : null
        if (shorter === null) throw error
        thread = shorter
        dropped += 1
      }
    }
  }

  #failed(message: IncomingMessage, error: unknown, signal?: AbortSignal): Reply {
    if (signal?.aborted) return { kind: 'cancelled', text: CANCELLED, notices: [], actions: [] }
    const code: ErrorCode = error instanceof AppError ? error.code : 'INFERENCE_FAILED'
    const fields = { message: message.id, thread: message.threadId, code, err: error }
    if (code.startsWith('CLIP_') || code.startsWith('QUESTION_') || code === 'CONTEXT_OVERFLOW') {
      this.#options.logger.info(fields, 'question refused')
    } else {
      this.#options.logger.error(fields, 'question failed')
    }
    return { kind: 'refusal', text: ERROR_SENTENCES[code], notices: [], actions: [], code }
  }

  #logAnswer(message: IncomingMessage, report: AnswerReport, droppedTurns: number): void {
    this.#options.logger.info(
      {
        message: message.id,
        thread: message.threadId,
        model: report.model,
        finish: report.finish,
        frames: report.frames.length,
        promptTokens: report.promptTokenIds.length,
        reusedTokens: report.reusedTokens,
        answerTokens: report.tokenIds.length,
        droppedTurns,
        timingsMs: report.timingsMs,
      },
      'answered',
    )
  }
}

interface FittedAnswer {
  readonly thread: Thread
  readonly dropped: number
  readonly report: AnswerReport
}

function tooManyQuestions(): AppError {
  return new AppError('CONTEXT_OVERFLOW', `A thread keeps at most ${MAX_QUESTIONS_KEPT} questions; the oldest goes.`)
}

function replyOf(report: AnswerReport, dropped: number): Reply {
  const notices = dropped > 0 ? [turnsDropped(dropped)] : []
  if (report.finish === 'cancelled') {
    return {
      kind: 'cancelled',
      text: report.answer.trim() === '' ? CANCELLED : report.answer,
      notices,
      actions: [],
      report,
    }
  }
  if (report.answer.trim() === '') return { kind: 'answer', text: NO_ANSWER, notices, actions: [], report }
  return {
    kind: 'answer',
    text: report.answer,
    notices: report.finish === 'length' ? [...notices, CUT_SHORT] : notices,
    actions: [],
    report,
  }
}
