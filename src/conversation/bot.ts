// The flow of every conversation, whatever the platform: a request waits for its turn, joins its thread, the answerer
// answers, the reply streams back, and the thread is kept only when the question went well.
import type { Logger } from '../logger.ts'
import { inTrace } from '../trace.ts'
import type { Conversation } from './adapter.ts'
import type { AnswerEvent, Answerer } from './answerer.ts'
import { askAnswerer } from './ask-answerer.ts'
import { type ClipAccess, hiddenClipIds, hideClips, restoreClips } from './clip-access.ts'
import { logAnswer, logFailure } from './conversation-log.ts'
import { answerReply, cancelledReply, codeOf, incompleteReply, keptReply, refusalReply } from './make-reply.ts'
import type { FollowUp, IncomingMessage, Reply, ReplyEvent, Request } from './message.ts'
import { PARKED } from './parked.ts'
import { type Prepare, type Prepared, prepareMessage, prepareMoreDetail, prepareRetry } from './prepare-question.ts'
import { progressText } from './progress-text.ts'
import type { QuestionObserver } from './question-observer.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { ChannelSettings, SettingsLookup } from './settings.ts'
import type { SharedOrder } from './shared-order.ts'
import { streamEvents } from './stream-events.ts'
import { textsFor } from './texts/locale.ts'
import type { Texts } from './texts/texts.ts'
import { addAnswer, forgetTurns, newThread, type Thread, takeBackLastQuestion } from './thread.ts'
import type { ThreadStore } from './thread-store.ts'
import { UnansweredQuestions } from './unanswered-questions.ts'
import { type QueueLoad, WorkQueue, type WorkQueueOptions } from './work-queue.ts'

/** What the bot works with. */
export interface BotOptions {
  readonly answerer: Answerer
  readonly store: ThreadStore
  readonly logger: Logger
  /** Default: every channel has the default settings. */
  readonly settings?: SettingsLookup
  /** Who may ask about which clip; default: whoever is where the conversation is. */
  readonly maySeeClip?: ClipAccess
  /** Bounds of the queue that all threads share. */
  readonly queue?: WorkQueueOptions
  /** Keeps the order of questions in a thread where other processes answer too; default: this is the only one. */
  readonly sharedOrder?: SharedOrder
  /** Told how each question ended. */
  readonly observer?: QuestionObserver
  /** Milliseconds of any clock that only goes forward; default performance.now. */
  readonly now?: () => number
  /** Chance in [0, 1), for trying again; default Math.random. */
  readonly random?: () => number
}

const DEFAULT_QUESTION = 'Describe this clip.'
const DETAIL_QUESTION = 'Describe it in more detail.'

/** A request with what was looked up for it. */
interface Task {
  readonly request: Request
  /** Of the question, as far as it is known before the thread is read. */
  readonly questionId: string
  readonly prepare: Prepare
  /** What "try again" asks when this fails. */
  readonly repeat: Prepare | null
  readonly settings: ChannelSettings
  readonly texts: Texts
  readonly emit: (event: ReplyEvent) => void
  readonly signal: AbortSignal
  /** Told when its turn has come. */
  readonly onTurn: () => void
}

/** The conversation core. Callers close the answerer and the store. */
export class Bot implements Conversation {
  readonly #options: BotOptions
  readonly #queue: WorkQueue
  readonly #rates: RateLimiter
  readonly #unanswered = new UnansweredQuestions()

  constructor(options: BotOptions) {
    this.#options = options
    this.#queue = new WorkQueue(options.queue)
    this.#rates = new RateLimiter(options.now)
  }

  ask(message: IncomingMessage, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    return this.#converse(message, signal, ({ defaultQuestion = DEFAULT_QUESTION }) => {
      const prepare = prepareMessage(message, defaultQuestion)
      return { prepare, repeat: prepare }
    })
  }

  moreDetail(request: FollowUp, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    return this.#converse(request, signal, ({ detailQuestion = DETAIL_QUESTION }) => {
      const prepare = prepareMoreDetail(request, detailQuestion)
      return { prepare, repeat: prepare }
    })
  }

  tryAgain(request: FollowUp, signal?: AbortSignal): AsyncGenerator<ReplyEvent> {
    const random = this.#options.random ?? Math.random
    const retry = prepareRetry(request, Math.floor(random() * 2 ** 32))
    // Looked up when its turn has come: the question before it may be the one to try again.
    const prepare: Prepare = (...given) => (this.#unanswered.find(request.threadId, request.about) ?? retry)(...given)
    return this.#converse(request, signal, () => ({ prepare, repeat: null }), request.about)
  }

  reset(request: Request): Promise<string> {
    return this.#inThread(request, async (texts) => {
      const thread = await this.#options.store.load(request.threadId)
      if (thread !== null) await this.#options.store.save(forgetTurns(thread))
      return texts.resetDone
    })
  }

  forget(request: Request): Promise<string> {
    return this.#inThread(request, async (texts) => {
      await this.#options.store.delete(request.threadId)
      await this.#options.answerer.forget(request.threadId)
      return texts.forgetDone
    })
  }

  texts(request: Request): Texts {
    return this.#lookUp(request).texts
  }

  /** Resolves while nobody's question runs or waits, for work that is not to hold people up. @throws signal.reason */
  whenIdle(signal?: AbortSignal): Promise<void> {
    return this.#queue.whenIdle(signal)
  }

  /** How many questions run and wait now. */
  load(): QueueLoad {
    return this.#queue.load()
  }

  async isKnown(threadId: string): Promise<boolean> {
    try {
      return (await this.#options.store.load(threadId)) !== null
    } catch (error) {
      this.#options.logger.error({ thread: threadId, code: codeOf(error), err: error }, 'thread not read')
      return false
    }
  }

  /** The answer goes on at the model's pace however slowly it is read, so that a slow platform holds nobody up. */
  #converse(
    request: Request,
    signal: AbortSignal | undefined,
    prepareBy: (settings: ChannelSettings) => Pick<Task, 'prepare' | 'repeat'>,
    questionId = request.id,
  ): AsyncGenerator<ReplyEvent> {
    const { now = () => performance.now(), observer } = this.#options
    return streamEvents<ReplyEvent, void>(
      (emit, stop) =>
        inTrace(async () => {
          const { settings, texts } = this.#lookUp(request)
          const startedMs = now()
          let waitedMs: number | null = null
          const onTurn = () => {
            waitedMs = now() - startedMs
          }
          const task: Task = {
            request,
            questionId,
            settings,
            texts,
            emit,
            signal: stop,
            onTurn,
            ...prepareBy(settings),
          }
          const reply = { questionId, ...(await this.#waitAndReply(task)) }
          observer?.ended({ request, reply, waitedMs, tookMs: now() - startedMs })
          emit({ type: 'end', reply })
        }),
      signal,
    )
  }

  async #waitAndReply(task: Task): Promise<Reply> {
    const { request, settings, texts, emit, signal } = task
    let release = () => {}
    try {
      if (request.isLate !== true) this.#rates.admit(request, settings.limits)
      const ticket = this.#queue.join(request)
      const place = this.#options.sharedOrder?.join(request.threadId)
      release = () => {
        ticket.release()
        void place?.release()
      }
      for await (const ahead of ticket.places(signal)) emit({ type: 'waiting', ahead, text: texts.waiting(ahead) })
      await place?.ready(signal)
      task.onTurn()
      return await this.#prepareAndReply(task)
    } catch (error) {
      return this.#failed(task, error)
    } finally {
      release()
    }
  }

  async #prepareAndReply(task: Task): Promise<Reply> {
    const { request, prepare, settings, texts } = task
    const stored = await this.#loadThread(request)
    const hidden = await hiddenClipIds(stored, request, this.#options.maySeeClip ?? (async () => true))
    const prepared = prepare(stored, texts, settings.answerOptions ?? {})
    if (prepared.type === 'sentence') return incompleteReply(prepared.text)
    if (prepared.type === 'answered') return keptReply(prepared.text)
    const questionId = prepared.thread.turns.at(-1)?.questionId ?? task.questionId
    const named = { ...task, questionId }
    try {
      return { questionId, ...(await this.#answer(named, prepared, hidden)) }
    } catch (error) {
      return { questionId, ...this.#failed(named, error, prepared.thread) }
    }
  }

  /** @param hidden clips of the thread that whoever asks may not see */
  async #answer(
    task: Task,
    { thread, options }: Extract<Prepared, { type: 'question' }>,
    hidden: ReadonlySet<string>,
  ): Promise<Reply> {
    const { request, questionId, repeat, settings, texts, emit, signal } = task
    const { answerer, store, logger } = this.#options
    const answered = await askAnswerer(answerer, {
      thread: hideClips(thread, hidden),
      userId: request.userId,
      options,
      systemPrompt: settings.systemPrompt,
      clipLimits: settings.clipLimits,
      storyboard: settings.storyboard ?? false,
      emit: (event) => emit(replyEventOf(event, texts)),
      signal,
    })
    const { answer } = answered.report
    if (signal.reason === PARKED) return answerReply(answered, texts)
    const asked = restoreClips(answered.thread, thread, hidden)
    if (answer.trim() !== '') {
      await store.save(addAnswer(asked, answer))
      this.#unanswered.answered(request.threadId, questionId)
    } else {
      // Its clips could be looked at, so that the person need not show them again.
      await store.save(takeBackLastQuestion(asked)?.thread ?? asked)
      if (repeat !== null) this.#unanswered.remember(request.threadId, questionId, repeat)
    }
    logAnswer(logger, request, answered)
    return answerReply(answered, texts)
  }

  /** @param asked the thread with its question, where it came so far */
  #failed({ request, questionId, repeat, texts, signal }: Task, error: unknown, asked?: Thread): Reply {
    if (repeat !== null) this.#unanswered.remember(request.threadId, questionId, repeat)
    if (signal.aborted) return cancelledReply(texts)
    logFailure(this.#options.logger, request, error)
    return refusalReply(error, texts, asked)
  }

  #lookUp(request: Request): { settings: ChannelSettings; texts: Texts } {
    let settings: ChannelSettings = {}
    try {
      settings = this.#options.settings?.(request) ?? {}
    } catch (error) {
      logFailure(this.#options.logger, request, error)
    }
    return { settings, texts: textsFor(settings.locale, request.locale) }
  }

  /** The stored thread; a new one when there is none, or when it belongs to another place. */
  async #loadThread({ threadId, channelId }: Request): Promise<Thread> {
    const stored = await this.#options.store.load(threadId)
    return stored?.channelId === channelId ? stored : newThread(threadId, channelId)
  }

  /** Does something to a thread after the questions that were asked before. */
  async #inThread(request: Request, act: (texts: Texts) => Promise<string>): Promise<string> {
    const { texts } = this.#lookUp(request)
    const ticket = this.#queue.follow(request)
    const place = this.#options.sharedOrder?.join(request.threadId)
    try {
      for await (const _ of ticket.places());
      await place?.ready()
      this.#unanswered.forget(request.threadId)
      return await act(texts)
    } catch (error) {
      logFailure(this.#options.logger, request, error)
      return texts.errors[codeOf(error)]
    } finally {
      ticket.release()
      void place?.release()
    }
  }
}

/** What happens while an answer is made, in the words of the person who asks. */
function replyEventOf(event: Exclude<AnswerEvent, { type: 'end' }>, texts: Texts): ReplyEvent {
  switch (event.type) {
    case 'waiting':
      return { ...event, text: texts.waiting(event.ahead) }
    case 'progress':
      return { ...event, text: progressText(event, texts) }
    case 'delta':
      return event
  }
}
