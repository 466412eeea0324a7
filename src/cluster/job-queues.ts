// BullMQ as Valley uses it, so that every queue has the same manners: jobs are tried again when a worker fails, taken over
// when one is lost, and leave nothing behind when they are done.
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq'
import type { Logger } from '../logger.ts'
import type { RedisConnection } from './redis-connection.ts'

/** How long a job may be without a sign of its worker, and how often lost ones are looked for. */
export interface JobTimes {
  /** Default 8 s; renewed by a living worker at half of it. */
  readonly lockMs?: number
  /** Default 4 s. */
  readonly lookMs?: number
}

/** A job that is done now. */
export interface RunningJob<Data> {
  readonly id: string
  readonly data: Data
  /** 1 for the first try. Lost ones count. */
  readonly attempt: number
  /** True when a failure would be the last. */
  readonly isLastAttempt: boolean
}

/** What a worker does. */
export interface WorkerSettings<Data> {
  /** Jobs done at a time. */
  readonly concurrency: number
  /** What it throws makes the job be tried again, unless it was the last try. */
  readonly work: (job: RunningJob<Data>) => Promise<void>
  /** Told of a job that nobody will try again, and why. */
  readonly onLost?: (job: { readonly id: string; readonly data: Data }, error: Error) => void
  /** Told of a job that another worker has left. */
  readonly onStalled?: (id: string) => void
  readonly times?: JobTimes
  readonly logger: Logger
}

/** Tries of a job whose worker fails. */
export const MAX_ATTEMPTS = 3
/** How often a job may lose its worker: one that takes workers down with it must not take all of them. */
const MAX_STALLS = 2
const FIRST_RETRY_MS = 250
const DEFAULT_LOCK_MS = 8000
const DEFAULT_LOOK_MS = 4000
/** How long a worker waits for a job before it asks again, seconds. */
const DRAIN_SECONDS = 2

/** What makes a job fail for good. */
export class HopelessJobError extends UnrecoverableError {}

/** Opens a queue to put jobs into. The caller closes it. @param prefix keeps installations on one Redis apart */
export function openQueue<Data>(redis: RedisConnection, prefix: string, name: string, logger: Logger): Queue<Data> {
  const queue = new Queue<Data>(name, {
    connection: redis.client,
    prefix,
    defaultJobOptions: {
      attempts: MAX_ATTEMPTS,
      backoff: { type: 'exponential', delay: FIRST_RETRY_MS },
      removeOnComplete: true,
      removeOnFail: true,
    },
    // Nobody reads BullMQ's own events.
    streams: { events: { maxLen: 100 } },
  })
  // The connection tells its own loss.
  queue.on('error', (error) => logger.debug({ err: error }, 'BullMQ reports an error'))
  return queue
}

/** Takes jobs from now on. The caller closes it. */
export function openWorker<Data>(
  redis: RedisConnection,
  prefix: string,
  name: string,
  { concurrency, work, onLost, onStalled, times = {}, logger }: WorkerSettings<Data>,
): Worker<Data> {
  const { lockMs = DEFAULT_LOCK_MS, lookMs = DEFAULT_LOOK_MS } = times
  const worker = new Worker<Data>(name, (job) => work(runningJob(job)), {
    connection: redis.client,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lookMs,
    maxStalledCount: MAX_STALLS,
    drainDelay: DRAIN_SECONDS,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  })
  worker.on('error', (error) => logger.debug({ err: error }, 'BullMQ reports an error'))
  worker.on('stalled', (id) => {
    logger.warn({ job: id }, 'a job has lost its worker; it is done again')
    onStalled?.(id)
  })
  worker.on('failed', (job, error) => {
    const isLost = job === undefined || job.finishedOn !== undefined
    logger.warn(
      { job: job?.id, attempt: job?.attemptsStarted, err: error },
      isLost ? 'job failed' : 'job is tried again',
    )
    if (isLost && job?.id !== undefined) onLost?.({ id: job.id, data: job.data }, error)
  })
  return worker
}

function runningJob<Data>(job: Job<Data>): RunningJob<Data> {
  return {
    id: job.id ?? '',
    data: job.data,
    attempt: job.attemptsStarted,
    isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
  }
}
