// Work that one process gives and any of several do, on whatever machines: jobs go through BullMQ, and what comes of them comes
// back by a list of the giver's own. A worker that is lost is made up for by another; a giver that is lost leaves nothing that
// anybody would do in vain.
import { randomUUID } from 'node:crypto'
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { AppError, deserializeError, type SerializedError, serializeError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { HopelessJobError, type JobTimes, openQueue, openWorker } from './job-queues.ts'
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'

/** What giver and workers have in common. */
export interface SharedWorkPlace {
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  /** Which kind of work: those of one kind do each other's. */
  readonly name: string
  readonly logger: Logger
}

/** A job as it lies in Redis. */
interface WorkJob<Task> {
  readonly giver: string
  readonly task: Task
}

type Outcome<Result> = { readonly id: string } & ({ readonly result: Result } | { readonly error: SerializedError })

interface Waiting<Task, Result> {
  readonly task: Task
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
  /** Whether the last look did not find its job. */
  isMissing: boolean
}

/** A giver that says nothing for so long is gone. */
const LIFE_MS = 30_000
const LOOK_MS = 10_000
/** How long the giver waits for the next outcome before it asks Redis anew, seconds. */
const WAIT_SECONDS = 2
/** What nobody fetches any more goes by itself. */
const OUTCOMES_KEPT_SECONDS = 600

/** How work is given. */
export interface Giving {
  /** Aborted when nothing is wanted any more. */
  readonly signal?: AbortSignal
  /** How often it is looked whether Redis still knows what was given; default 10 s. */
  readonly lookMs?: number
}

/** Gives tasks to whoever does them. */
export class WorkGiver<Task, Result> {
  readonly #place: SharedWorkPlace
  readonly #id = randomUUID()
  readonly #queue: Queue<WorkJob<Task>>
  readonly #reader: Redis
  readonly #waiting = new Map<string, Waiting<Task, Result>>()
  readonly #looking: NodeJS.Timeout
  readonly #signal: AbortSignal | undefined
  readonly #giveUp = () => {
    for (const { reject } of this.#waiting.values()) reject(this.#signal?.reason)
  }
  #reading: Promise<void>
  #isClosed = false

  private constructor(place: SharedWorkPlace, { signal, lookMs = LOOK_MS }: Giving) {
    const { redis, keys, name, logger } = place
    this.#place = place
    this.#signal = signal
    // One for all: signals warn of many listeners.
    signal?.addEventListener('abort', this.#giveUp, { once: true })
    this.#queue = openQueue(redis, keys.queues, name, logger)
    this.#reader = redis.duplicate()
    this.#looking = setInterval(() => void this.#look().catch(() => {}), lookMs)
    this.#reading = this.#read()
  }

  /** Begins to give. @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED */
  static async open<Task, Result>(place: SharedWorkPlace, giving: Giving = {}): Promise<WorkGiver<Task, Result>> {
    const giver = new WorkGiver<Task, Result>(place, giving)
    await giver.#sayAlive()
    return giver
  }

  /**
   * Has a task done.
   * @param unwanted aborted when this one is not wanted any more
   * @throws AppError what the work ended with; REDIS_UNREACHABLE, STORAGE_FAILED; what a signal was aborted with
   */
  async give(task: Task, unwanted?: AbortSignal): Promise<Result> {
    this.#signal?.throwIfAborted()
    unwanted?.throwIfAborted()
    const id = randomUUID()
    const done = new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { task, resolve, reject, isMissing: false })
    })
    // It may fail before anybody waits for it.
    done.catch(() => {})
    const drop = () => this.#waiting.get(id)?.reject(unwanted?.reason)
    unwanted?.addEventListener('abort', drop, { once: true })
    const adding = this.#place.redis.run('take work', () => this.#add(id, task))
    // Whoever gives up does not wait until Redis has taken it.
    adding.catch((error: unknown) => this.#waiting.get(id)?.reject(error))
    try {
      return await done
    } finally {
      unwanted?.removeEventListener('abort', drop)
      this.#waiting.delete(id)
      // Done already, as a rule; what was given up must not be done by anybody.
      if (this.#signal?.aborted === true || unwanted?.aborted === true) await this.#takeBack(id, adding)
    }
  }

  /** Takes back what is not done, and ends. While Redis is away, it ends at once. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#signal?.removeEventListener('abort', this.#giveUp)
    clearInterval(this.#looking)
    const ids = [...this.#waiting.keys()]
    await Promise.all(ids.map((id) => this.#takeBack(id)))
    this.#reader.disconnect()
    const { redis } = this.#place
    // What waits for a connection that does not come again never ends.
    if (!redis.isConnected()) return
    await this.#reading
    await redis.client.del(this.#outcomes, this.#life).catch(() => 0)
    await this.#queue.close().catch(() => {})
  }

  get #outcomes(): string {
    return this.#place.keys.outcomes(this.#id)
  }

  get #life(): string {
    return this.#place.keys.alive(this.#id)
  }

  async #add(id: string, task: Task): Promise<void> {
    await this.#queue.add('work', { giver: this.#id, task }, { jobId: id })
  }

  /** Without Redis it stays there until whoever takes it sees that its giver is gone. */
  async #takeBack(id: string, adding?: Promise<void>): Promise<void> {
    if (!this.#place.redis.isConnected()) return
    await adding?.catch(() => {})
    await this.#queue.remove(id).catch(() => 0)
  }

  async #sayAlive(): Promise<void> {
    await this.#place.redis.run('take a sign of life', (client) => client.set(this.#life, '1', 'PX', LIFE_MS))
  }

  /** Says that it lives, and gives anew what Redis has forgotten, as when it was restarted with nothing kept. */
  async #look(): Promise<void> {
    await this.#sayAlive()
    for (const [id, waiting] of [...this.#waiting]) {
      const isThere = (await this.#queue.getJob(id)) !== undefined
      // An outcome may be on its way: only what is missing twice is.
      if (!isThere && waiting.isMissing && this.#waiting.has(id)) await this.#add(id, waiting.task)
      waiting.isMissing = !isThere && !waiting.isMissing
    }
  }

  async #read(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const [, text] = (await this.#reader.blpop(this.#outcomes, WAIT_SECONDS)) ?? []
        if (text !== undefined) this.#settle(JSON.parse(text) as Outcome<Result>)
      } catch (error) {
        if (this.#isClosed) return
        this.#place.logger.debug({ err: error }, 'no outcomes can be read; trying again')
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  }

  #settle(outcome: Outcome<Result>): void {
    const waiting = this.#waiting.get(outcome.id)
    // Done twice, when a worker was taken for lost.
    if (waiting === undefined) return
    if ('error' in outcome) waiting.reject(deserializeError(outcome.error))
    else waiting.resolve(outcome.result)
  }
}

/** How tasks are done. */
export interface Doing<Task, Result> {
  /** Tasks done at a time. */
  readonly concurrency: number
  /** A retryable AppError has the task done once more, by whoever comes first; any other ends it. */
  readonly work: (task: Task) => Promise<Result>
  readonly times?: JobTimes
}

/** Someone who does tasks. */
export interface Doer {
  /** Ends what is under way, and takes no more. While Redis is away, it ends at once. */
  close(): Promise<void>
}

/** Does tasks from now on. */
export function doSharedWork<Task, Result>(
  { redis, keys, name, logger }: SharedWorkPlace,
  { concurrency, work, times = {} }: Doing<Task, Result>,
): Doer {
  async function tell(giver: string, outcome: Outcome<Result>): Promise<void> {
    await redis.run('take an outcome', (client) =>
      client
        .multi()
        .rpush(keys.outcomes(giver), JSON.stringify(outcome))
        .expire(keys.outcomes(giver), OUTCOMES_KEPT_SECONDS)
        .exec(),
    )
  }
  const worker = openWorker<WorkJob<Task>>(redis, keys.queues, name, {
    concurrency,
    times,
    logger,
    work: async ({ id, data: { giver, task }, isLastAttempt }) => {
      const lives = await redis.run('say who lives', (client) => client.exists(keys.alive(giver)))
      if (lives === 0) throw new HopelessJobError('whoever gave it is gone')
      try {
        const result = await work(task)
        await tell(giver, { id, result })
      } catch (error) {
        if (error instanceof AppError && error.retryable && !isLastAttempt) throw error
        await tell(giver, { id, error: serializeError(error) })
      }
    },
    onLost: ({ id, data }, error) => {
      // Nobody is there to be told; whoever is after all gives it anew.
      if (error instanceof HopelessJobError) return
      void tell(data.giver, { id, error: serializeError(error) }).catch(() => {})
    },
  })
  // Without Redis nothing that is under way can be told to anybody: whoever comes back to it has it done anew.
  return { close: () => worker.close(!redis.isConnected()) }
}
