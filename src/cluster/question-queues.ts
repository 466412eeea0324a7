// Which queue a question goes into. There is one for all engines, and one for each: a thread goes on where what was computed
// for it is still in memory, as long as that engine is free, and anywhere else when it is not.
import type { Queue } from 'bullmq'
import type { Logger } from '../logger.ts'
import { openQueue } from './job-queues.ts'
import type { ClusterKeys } from './keys.ts'
import { isFree, listEngines } from './membership.ts'
import type { RedisConnection } from './redis-connection.ts'
import type { QuestionJob } from './wire.ts'

/** The queue that every engine takes questions from. */
export const SHARED_QUEUE = 'questions'

/** The queue that one engine takes questions from before all others. */
export function queueOfEngine(engineId: string): string {
  return `${SHARED_QUEUE}-${engineId}`
}

/** Where a job stands. */
export interface JobPlace {
  readonly exists: boolean
  /** Jobs of its queue that will be taken before; null when it is not waiting. */
  readonly before: number | null
}

/** BullMQ's highest priority number, which is taken last. */
const LAST_PRIORITY = 2_097_151
/** How long it is remembered which engine holds a thread: longer than its cache lasts helps nobody. */
const HOME_KEPT_MS = 60 * 60 * 1000

/** The queues as a bot sees them. */
export class QuestionQueues {
  readonly #redis: RedisConnection
  readonly #keys: ClusterKeys
  readonly #logger: Logger
  readonly #queues = new Map<string, Queue<QuestionJob>>()

  constructor(redis: RedisConnection, keys: ClusterKeys, logger: Logger) {
    this.#redis = redis
    this.#keys = keys
    this.#logger = logger
  }

  /**
   * The queue of the engine that holds the thread, when it is free, or when all are busy, since then a question waits anyway;
   * else the one for all.
   */
  async choose(threadId: string): Promise<string> {
    const { client } = this.#redis
    const home = await client.get(this.#keys.home(threadId))
    if (home === null) return SHARED_QUEUE
    const { living } = await listEngines(this.#redis, this.#keys)
    const engine = living.find(({ engineId }) => engineId === home)
    if (engine === undefined) return SHARED_QUEUE
    const own = queueOfEngine(home)
    if (isFree(engine)) return own
    if (living.some(isFree)) return SHARED_QUEUE
    const before = await client.zcard(`${this.#keys.queues}:${own}:prioritized`)
    return before < engine.capacity ? own : SHARED_QUEUE
  }

  /**
   * Puts a question into a queue.
   * @param turn 1 for a person's first open question, 2 for the second and so on: first questions go before all second
   *   ones, so that nobody who asks a lot holds up the others
   */
  async add(name: string, id: string, job: QuestionJob, turn: number): Promise<void> {
    await this.#queue(name).add('question', job, { jobId: id, priority: Math.min(turn, LAST_PRIORITY) })
  }

  /** Takes a question back. @returns false when an engine has it, or nobody */
  async remove(name: string, id: string): Promise<boolean> {
    // BullMQ throws where an engine has it.
    return (
      (await this.#queue(name)
        .remove(id)
        .catch(() => 0)) === 1
    )
  }

  /** Where jobs stand, in their order, asked for all at once. */
  async places(jobs: readonly { readonly queue: string; readonly id: string }[]): Promise<JobPlace[]> {
    if (jobs.length === 0) return []
    const pipeline = this.#redis.client.pipeline()
    for (const { queue, id } of jobs) {
      const key = `${this.#keys.queues}:${queue}`
      pipeline.exists(`${key}:${id}`).zrank(`${key}:prioritized`, id)
    }
    const answers = ((await pipeline.exec()) ?? []).map(([error, value]) => {
      if (error !== null) throw error
      return value as number | null
    })
    return jobs.map((_, index) => ({ exists: answers[2 * index] === 1, before: answers[2 * index + 1] ?? null }))
  }

  /** Questions that wait for any engine. */
  async waiting(): Promise<number> {
    const counts = await this.#queue(SHARED_QUEUE).getJobCounts('prioritized', 'wait', 'delayed')
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  /** An engine will hold what it computes for the thread. */
  async noteHome(threadId: string, engineId: string): Promise<void> {
    await this.#redis.client.set(this.#keys.home(threadId), engineId, 'PX', HOME_KEPT_MS)
  }

  /** Nobody holds anything of the thread any more. */
  async forgetHome(threadId: string): Promise<void> {
    await this.#redis.client.del(this.#keys.home(threadId))
  }

  /** Removes the queue of an engine that is gone. @returns false when something is left in it */
  async drop(name: string): Promise<boolean> {
    const queue = this.#queue(name)
    const counts = await queue.getJobCounts()
    if (Object.values(counts).some((count) => count > 0)) return false
    await queue.obliterate()
    return true
  }

  /** Lets the queues go. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close().catch(() => {})))
  }

  #queue(name: string): Queue<QuestionJob> {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = openQueue<QuestionJob>(this.#redis, this.#keys.queues, name, this.#logger)
      this.#queues.set(name, queue)
    }
    return queue
  }
}
