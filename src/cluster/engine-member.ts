// An engine in the cluster: takes questions that bots have put into Redis, lets the answerer of this process answer them,
// and sends what comes of it back. It takes over what other engines have left.
import type { Worker } from 'bullmq'
import type { Answerer } from '../conversation/answerer.ts'
import type { ClipLocator } from '../conversation/clip.ts'
import { IdleWatch } from '../conversation/idle-watch.ts'
import { PARKED } from '../conversation/parked.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { inTrace } from '../trace.ts'
import { AnswerSender } from './answer-sender.ts'
import { RemoteClipLocator } from './clip-location.ts'
import { Inbox, post } from './inbox.ts'
import { type JobTimes, openWorker, type RunningJob, type WorkerSettings } from './job-queues.ts'
import type { ClusterKeys } from './keys.ts'
import { areAlive, type EngineRecord, listEngines, newMemberId, SignOfLife } from './membership.ts'
import { QuestionQueues, queueOfEngine, SHARED_QUEUE } from './question-queues.ts'
import type { RedisConnection } from './redis-connection.ts'
import { refuseOtherEngines } from './same-engines.ts'
import type { Sealer } from './sealed-text.ts'
import { type ClusterMessage, type QuestionJob, WIRE_VERSION } from './wire.ts'

/** What it works with. */
export interface EngineMemberOptions {
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  readonly sealer: Sealer
  readonly logger: Logger
  /** How soon a lost engine is noticed; default 9 s. */
  readonly lifetimeMs?: number
  readonly jobTimes?: JobTimes
}

/** What an engine knows of itself once its model is loaded. */
export type EngineFacts = Omit<EngineRecord, 'engineId' | 'wire'>

/** What an engine knows of itself and the others, a moment old. */
export interface EngineView {
  readonly engines: number
  /** Questions that all engines answer. */
  readonly running: number
  /** Questions that wait for any of them. */
  readonly waiting: number
  readonly runningHere: number
  /** Questions of lost engines that this one took over. */
  readonly takenOver: number
}

/** A question that it answers now. */
interface Running {
  readonly botId: string
  /** Name of the queue that it came by. */
  readonly queue: string
  readonly stop: AbortController
}

/** How often it looks for engines that are gone. */
const LOOKS_A_LIFETIME = 2
const DEFAULT_LIFETIME_MS = 9000
/** A bot may put a question into the queue of an engine that it still takes for living; somebody must look there. */
const ADOPTED_KEPT_MS = 60_000
/** Why its answers end that another engine is to give. */
const HANDED_BACK = 'handed back'

/** One engine. Joins when it is ready to answer, and not before. */
export class EngineMember {
  readonly engineId: string
  readonly #options: EngineMemberOptions
  readonly #inbox: Inbox
  readonly #locator: RemoteClipLocator
  readonly #queues: QuestionQueues
  readonly #workers = new Map<string, Worker<QuestionJob>>()
  readonly #running = new Map<string, Running>()
  #answerer: Answerer | null = null
  #capacity = 1
  #record = ''
  #sign: SignOfLife | null = null
  #look: NodeJS.Timeout | null = null
  #takenOver = 0
  #others = { engines: 0, running: 0, waiting: 0 }
  #isLeaving = false
  readonly #idle = new IdleWatch(() => this.#running.size > 0)

  constructor(options: EngineMemberOptions) {
    const { redis, keys, sealer, logger } = options
    this.engineId = newMemberId('engine')
    this.#options = options
    this.#inbox = new Inbox(redis, keys, this.engineId, logger)
    this.#queues = new QuestionQueues(redis, keys, logger)
    this.#locator = new RemoteClipLocator(this.engineId, (id, message) => post(redis, keys, id, message), sealer)
  }

  /** Locates the clips of questions, by asking the bot that each came from. */
  get locateClip(): ClipLocator {
    return this.#locator.locate
  }

  /**
   * Takes questions from now on.
   * @throws AppError ENGINES_DIFFER when the engines that are there have another model or version, REDIS_UNREACHABLE
   */
  async join(answerer: Answerer, facts: EngineFacts): Promise<void> {
    const { redis, keys, logger, lifetimeMs = DEFAULT_LIFETIME_MS } = this.#options
    const own: EngineRecord = { ...facts, engineId: this.engineId, wire: WIRE_VERSION }
    refuseOtherEngines(own, (await listEngines(redis, keys)).living, logger)
    this.#answerer = answerer
    this.#capacity = facts.capacity
    this.#inbox.open((message) => this.#take(message))
    this.#sign = await SignOfLife.begin(redis, keys, this.engineId, logger, lifetimeMs)
    this.#record = JSON.stringify(own)
    await redis.run('take an engine', (client) => client.hset(keys.engines, this.engineId, this.#record))
    this.#takeFrom(queueOfEngine(this.engineId))
    this.#takeFrom(SHARED_QUEUE)
    this.#look = setInterval(() => void this.#lookAround(), lifetimeMs / LOOKS_A_LIFETIME).unref()
  }

  /** How much it does now. */
  view(): EngineView {
    return { ...this.#others, runningHere: this.#running.size, takenOver: this.#takenOver }
  }

  /** Resolves while it answers no question; one that waits in a queue is taken before all else. @throws signal.reason */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    await this.#idle.whenIdle(signal)
  }

  /** Takes no more questions, lets those that run end, and hands the rest to other engines. */
  async leave(finishMs: number): Promise<void> {
    const { redis, keys } = this.#options
    this.#isLeaving = true
    if (this.#look !== null) clearInterval(this.#look)
    const handBack = setTimeout(() => {
      for (const { stop } of this.#running.values()) stop.abort(PARKED)
    }, finishMs)
    await Promise.all([...this.#workers.values()].map((worker) => worker.close().catch(() => {})))
    clearTimeout(handBack)
    // Only now: what lies in its own queue is for those who see that it is gone.
    await this.#sign?.end()
    await this.#inbox.close()
    await this.#queues.close()
    if (redis.isConnected()) await redis.client.hdel(keys.running, this.engineId).catch(() => {})
  }

  #takeFrom(name: string): void {
    const { redis, keys, logger, jobTimes = {} } = this.#options
    const settings: WorkerSettings<QuestionJob> = {
      concurrency: this.#capacity,
      logger,
      times: jobTimes,
      work: (job) => inTrace(() => this.#answer(job, name), job.data.trace),
      onLost: ({ id, data }, error) => void this.#tellLost(id, data.botId, error),
      onStalled: () => {
        this.#takenOver += 1
      },
    }
    this.#workers.set(name, openWorker(redis, keys.queues, name, settings))
  }

  async #answer({ id, data, attempt, isLastAttempt }: RunningJob<QuestionJob>, queue: string): Promise<void> {
    const { redis, keys, logger } = this.#options
    const { botId, question } = data
    // Its bot has ended: whoever asks the question again does so as another job.
    if (redis.isSettled() && !(await areAlive(redis, keys, [botId]))[0]) return
    const stop = new AbortController()
    this.#running.set(id, { botId, queue, stop })
    const sender = new AnswerSender(id, (message) => post(redis, keys, botId, message))
    // Nobody waits for these; when they are late, a question may go to an engine that is busy.
    const noted = Promise.all([this.#noteRunning(), this.#queues.noteHome(question.threadId, this.engineId)])
    noted.catch((error: unknown) => logger.debug({ err: error }, 'others were not told what this engine does'))
    try {
      sender.begin(this.engineId, attempt)
      for await (const event of this.#answerer!.answer(question, stop.signal)) {
        if (event.type === 'end' && stop.signal.reason === PARKED) throw new Error(HANDED_BACK)
        sender.event(event)
      }
    } catch (error) {
      if (stop.signal.reason === PARKED) throw new Error(HANDED_BACK, { cause: error })
      if (stop.signal.aborted) sender.cancelled()
      else if (mayPass(error) && !isLastAttempt) throw error
      else sender.fail(error)
      if (!stop.signal.aborted) logger.warn({ job: id, attempt, err: error }, 'question not answered')
    } finally {
      this.#running.delete(id)
      this.#idle.look()
      await Promise.all([sender.finish(), noted.then(() => this.#noteRunning()).catch(() => {})])
    }
  }

  async #noteRunning(): Promise<void> {
    const { redis, keys } = this.#options
    const running = [...this.#running.values()]
    for (const [name, worker] of this.#workers) {
      // Whoever comes by another queue takes a place; BullMQ knows no fewer than one.
      const elsewhere = running.filter(({ queue }) => queue !== name).length
      worker.concurrency = Math.max(1, this.#capacity - elsewhere)
    }
    await redis.client.hset(keys.running, this.engineId, this.#running.size)
  }

  async #tellLost(id: string, botId: string, error: Error): Promise<void> {
    const { redis, keys, logger } = this.#options
    const lost = new AppError(
      'INFERENCE_FAILED',
      `A question was tried several times and failed each time (${error.message}); one try is enough for others. Ask again, or in other words.`,
      { retryable: true, cause: error },
    )
    const sender = new AnswerSender(id, (message) => post(redis, keys, botId, message))
    sender.fail(lost)
    await sender.finish().catch((cause: unknown) => logger.warn({ err: cause }, 'a bot could not be told of a failure'))
  }

  #take(message: ClusterMessage): void {
    switch (message.type) {
      case 'located':
        this.#locator.located(message.requestId, message.sealed)
        return
      case 'cancel':
        this.#running.get(message.id)?.stop.abort(new DOMException('The answer is not wanted', 'AbortError'))
        return
      case 'forget':
        this.#answerer?.forget(message.threadId).catch((error: unknown) => {
          this.#options.logger.error({ err: error }, 'a thread could not be forgotten')
        })
        return
      default:
    }
  }

  /** Counts the others, stops answers that nobody waits for any more, and works off the queues of engines that are gone. */
  async #lookAround(): Promise<void> {
    const { redis, keys, logger } = this.#options
    if (this.#isLeaving || !redis.isSettled()) return
    try {
      const running = [...this.#running.values()]
      const alive = await areAlive(
        redis,
        keys,
        running.map(({ botId }) => botId),
      )
      for (const [index, { stop }] of running.entries()) {
        if (!alive[index]) stop.abort(new DOMException('The bot that asked is gone', 'AbortError'))
      }
      // Once more, for it may have been taken for dead, or Redis may have lost it.
      await redis.client.hset(keys.engines, this.engineId, this.#record)
      const { living, gone } = await listEngines(redis, keys)
      const ofAll = living.reduce((sum, engine) => sum + engine.running, 0)
      this.#others = { engines: living.length, running: ofAll, waiting: await this.#queues.waiting() }
      for (const engineId of gone) {
        // One of all that look; when that one is lost too, another.
        const isOurs = await redis.client.set(keys.adopted(engineId), this.engineId, 'PX', ADOPTED_KEPT_MS * 2, 'NX')
        if (isOurs !== null) await this.#adopt(engineId)
      }
    } catch (error) {
      logger.warn({ err: error }, 'other engines could not be looked for')
    }
  }

  async #adopt(engineId: string): Promise<void> {
    const { redis, keys, logger } = this.#options
    logger.warn({ engine: engineId }, 'an engine is gone; its questions are taken over')
    const name = queueOfEngine(engineId)
    this.#takeFrom(name)
    await redis.client.hdel(keys.running, engineId)
    setTimeout(() => void this.#letGo(engineId, name), ADOPTED_KEPT_MS).unref()
  }

  async #letGo(engineId: string, name: string): Promise<void> {
    const { redis, keys, logger } = this.#options
    const worker = this.#workers.get(name)
    this.#workers.delete(name)
    await worker?.close().catch(() => {})
    if (this.#isLeaving) return
    try {
      const [isAlive] = await areAlive(redis, keys, [engineId])
      // What is still in there is taken by whoever sees next that it is gone.
      if (isAlive === false && (await this.#queues.drop(name))) await redis.client.hdel(keys.engines, engineId)
      await redis.client.del(keys.adopted(engineId))
    } catch (error) {
      logger.warn({ err: error }, 'the queue of an engine that is gone could not be removed')
    }
  }
}

/** True for what another try may mend: the worker of the model ended or left its GPU, or the engine is stopping. */
function mayPass(error: unknown): boolean {
  return !(error instanceof AppError) || (error.retryable && AGAIN.has(error.code))
}

const AGAIN: ReadonlySet<string> = new Set(['INFERENCE_FAILED', 'DEVICE_LOST', 'ENGINE_CLOSED', 'REDIS_UNREACHABLE'])
