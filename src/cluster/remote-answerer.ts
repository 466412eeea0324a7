// The answerer of a bot without a model: questions go to engines through Redis, answers come back through its inbox.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerEvent, Answerer, Question } from '../conversation/answerer.ts'
import type { ClipLocator } from '../conversation/clip.ts'
import { streamEvents } from '../conversation/stream-events.ts'
import type { QueueLoad } from '../conversation/work-queue.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { currentTrace } from '../trace.ts'
import { answerLocate, clipOfBot } from './clip-location.ts'
import { Inbox, post } from './inbox.ts'
import type { ClusterKeys } from './keys.ts'
import { listEngines, newMemberId, SignOfLife } from './membership.ts'
import { OpenQuestion } from './open-question.ts'
import { QuestionQueues } from './question-queues.ts'
import { type ClusterView, watchQuestions } from './question-watch.ts'
import type { RedisConnection } from './redis-connection.ts'
import type { Sealer } from './sealed-text.ts'
import { type ClusterMessage, type QuestionJob, WIRE_VERSION } from './wire.ts'

/** What it works with. */
export interface RemoteAnswererOptions {
  /** Of this bot; see newMemberId. Default a new one. */
  readonly botId?: string
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  /** Where clips are, which only the platforms of this bot know. */
  readonly locateClip: ClipLocator
  readonly sealer: Sealer
  /** Told when another bot wants a question of this one stopped, by a name of it. */
  readonly onStop?: (name: string) => void
  readonly logger: Logger
  /** Questions that may wait for all engines together. */
  readonly maxWaiting: number
  /** Questions of one person that may be open at this bot. */
  readonly maxOpenPerUser: number
  /** How long a bot that says nothing counts as living; default 9 s. */
  readonly lifetimeMs?: number
}

/** How long a cancelled answer may take to end; its words so far are worth a moment. */
const CANCEL_LIMIT_MS = 3000

/** Answers by engines elsewhere. */
export class RemoteAnswerer implements Answerer {
  readonly botId: string
  readonly #options: RemoteAnswererOptions
  readonly #queues: QuestionQueues
  readonly #inbox: Inbox
  readonly #sign: SignOfLife
  readonly #open = new Map<string, OpenQuestion>()
  readonly #watching = new AbortController()
  #watch: Promise<void> = Promise.resolve()
  #view: ClusterView = { engines: 0, running: 0, waiting: 0 }
  #isClosed = false

  private constructor(botId: string, options: RemoteAnswererOptions, sign: SignOfLife) {
    const { redis, keys, logger } = options
    this.botId = botId
    this.#options = options
    this.#sign = sign
    this.#queues = new QuestionQueues(redis, keys, logger)
    this.#inbox = new Inbox(redis, keys, botId, logger)
  }

  /**
   * Joins the cluster as a bot. The caller closes it, and after it the connection.
   * @throws AppError ENGINES_DIFFER when engines of another version are there, REDIS_UNREACHABLE, STORAGE_FAILED
   */
  static async join(options: RemoteAnswererOptions): Promise<RemoteAnswerer> {
    const { redis, keys, logger, lifetimeMs } = options
    const { living } = await listEngines(redis, keys)
    const other = living.find(({ wire }) => wire !== WIRE_VERSION)
    if (other !== undefined) {
      throw new AppError(
        'ENGINES_DIFFER',
        `The engine ${other.engineId} runs Valley ${other.version} and speaks version ${other.wire} of the messages between bots and engines; this bot speaks ${WIRE_VERSION}. Run one version of Valley everywhere.`,
        { details: { engine: other.engineId, wire: other.wire } },
      )
    }
    const { botId = newMemberId('bot') } = options
    const answerer = new RemoteAnswerer(botId, options, await SignOfLife.begin(redis, keys, botId, logger, lifetimeMs))
    answerer.#inbox.open((message) => answerer.#take(message))
    answerer.#watch = watchQuestions({
      redis,
      keys,
      logger,
      queues: answerer.#queues,
      open: answerer.#open,
      submit: (question, queue) => answerer.#submit(question, queue),
      see: (view) => {
        answerer.#view = view
      },
      signal: answerer.#watching.signal,
    })
    return answerer
  }

  /** What is known of the engines and their queue, a moment old. */
  view(): ClusterView {
    return this.#view
  }

  /** How many questions of this bot engines answer now, and how many wait. */
  load(): QueueLoad {
    const running = [...this.#open.values()].filter(({ engineId }) => engineId !== null).length
    return { running, waiting: this.#open.size - running }
  }

  answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    return streamEvents<AnswerEvent, void>((emit, stop) => this.#ask(question, emit, stop), signal)
  }

  async forget(threadId: string): Promise<void> {
    const { redis, keys } = this.#options
    await redis.run('forget a thread', () => this.#queues.forgetHome(threadId))
    const { living } = await listEngines(redis, keys)
    await Promise.all(living.map(({ engineId }) => post(redis, keys, engineId, { type: 'forget', threadId })))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#watching.abort()
    for (const question of this.#open.values()) question.fail(closed())
    await this.#watch
    await this.#sign.end()
    await this.#inbox.close()
    await this.#queues.close()
  }

  async #ask(asked: Question, emit: (event: AnswerEvent) => void, signal: AbortSignal): Promise<void> {
    if (this.#isClosed) throw closed()
    signal.throwIfAborted()
    this.#refuseAbove(asked.userId)
    const question = new OpenQuestion(randomUUID(), this.#ofThisBot(asked), emit)
    this.#open.set(question.id, question)
    const cancel = () => void this.#cancel(question)
    try {
      const { redis } = this.#options
      const queue = await redis.run('take a question', () => this.#queues.choose(asked.threadId))
      await redis.run('take a question', () => this.#submit(question, queue))
      signal.addEventListener('abort', cancel, { once: true })
      if (signal.aborted) cancel()
      await question.ended
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#open.delete(question.id)
    }
  }

  async #submit(open: OpenQuestion, queue: string): Promise<void> {
    const { question } = open
    const trace = currentTrace()
    const job: QuestionJob = {
      wire: WIRE_VERSION,
      botId: this.botId,
      ...(trace === undefined ? {} : { trace }),
      question,
    }
    open.queue = queue
    open.queuedAtMs = performance.now()
    open.engineId = null
    await this.#queues.add(queue, open.id, job, this.#turnOf(open))
  }

  /** Which of a person's open questions this one is, from 1. */
  #turnOf(open: OpenQuestion): number {
    const ofOne = [...this.#open.values()].filter(({ question }) => question.userId === open.question.userId)
    return Math.max(1, ofOne.indexOf(open) + 1)
  }

  #refuseAbove(userId: string | undefined): void {
    const { maxWaiting, maxOpenPerUser } = this.#options
    const ofOne = [...this.#open.values()].filter(({ question }) => question.userId === userId).length
    const [waiting, limit, what] =
      ofOne >= maxOpenPerUser && userId !== undefined
        ? [ofOne, maxOpenPerUser, 'Questions of one person']
        : [this.#view.waiting, maxWaiting, 'Questions']
    if (waiting < limit) return
    throw new AppError(
      'QUEUE_FULL',
      `${what} that wait for the engines: ${waiting}; at most ${limit} are allowed. Ask again later, start more engines, or raise the limit.`,
      { details: { waiting, limit }, retryable: true },
    )
  }

  async #cancel(question: OpenQuestion): Promise<void> {
    if (await this.#queues.remove(question.queue, question.id)) {
      question.fail(new DOMException('The question is not wanted any more', 'AbortError'))
      return
    }
    if (question.engineId !== null) await this.#stopAt(question.engineId, question.id)
    await sleep(CANCEL_LIMIT_MS, undefined, { ref: false })
    question.fail(new DOMException('The question is not wanted any more', 'AbortError'))
  }

  #ofThisBot(question: Question): Question {
    return {
      ...question,
      messages: question.messages.map((message) => ({
        ...message,
        content: message.content.map((part) =>
          part.type === 'clip' ? { ...part, clip: clipOfBot(part.clip, this.botId) } : part,
        ),
      })),
    }
  }

  #take(message: ClusterMessage): void {
    switch (message.type) {
      case 'locate':
        void this.#locate(message)
        return
      case 'stop':
        this.#options.onStop?.(message.name)
        return
      case 'located':
      case 'cancel':
      case 'forget':
        return
      case 'begun':
        // Nobody waits for it any more: it was given up while an engine took it.
        if (!this.#open.has(message.id)) void this.#stopAt(message.engineId, message.id)
        break
      default:
    }
    this.#open.get(message.id)?.take(message)
  }

  async #stopAt(engineId: string, id: string): Promise<void> {
    const { redis, keys, logger } = this.#options
    try {
      await post(redis, keys, engineId, { type: 'cancel', id })
    } catch (error) {
      logger.warn({ err: error }, 'an engine could not be told to stop; its answer is thrown away')
    }
  }

  async #locate(message: Extract<ClusterMessage, { type: 'locate' }>): Promise<void> {
    const { redis, keys, locateClip, sealer, logger } = this.#options
    try {
      await answerLocate(message, locateClip, sealer, (memberId, answer) => post(redis, keys, memberId, answer))
    } catch (error) {
      logger.warn({ err: error }, 'an engine could not be told where a clip is')
    }
  }
}

function closed(): AppError {
  return new AppError('ENGINE_CLOSED', 'The bot has left the cluster; a question came after. Start Valley again.')
}
