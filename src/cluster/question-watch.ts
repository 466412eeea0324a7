// What a bot does about its open questions from second to second: tells people their place, lets no question wait for an
// engine that has become busy or is gone, and puts a question back that Redis has lost.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import { isFree, type LivingEngine, listEngines } from './membership.ts'
import type { OpenQuestion } from './open-question.ts'
import { type JobPlace, type QuestionQueues, queueOfEngine, SHARED_QUEUE } from './question-queues.ts'
import type { RedisConnection } from './redis-connection.ts'

/** What a bot knows of the engines. */
export interface ClusterView {
  readonly engines: number
  /** Questions that all engines answer now. */
  readonly running: number
  /** Questions that wait for any of them. */
  readonly waiting: number
}

/** What is watched, and how. */
export interface QuestionWatch {
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  readonly logger: Logger
  readonly queues: QuestionQueues
  readonly open: ReadonlyMap<string, OpenQuestion>
  /** Puts a question into a queue. */
  readonly submit: (question: OpenQuestion, queue: string) => Promise<void>
  /** Told what the cluster looks like. */
  readonly see: (view: ClusterView) => void
  /** Ends it. */
  readonly signal: AbortSignal
}

const INTERVAL_MS = 1000
/** A follow-up waits so long for its own engine while another one is free: about what its own saves. */
const HOME_PATIENCE_MS = 500
/** And so long while all are busy. */
const BUSY_PATIENCE_MS = 10_000
/** An answer that has ended may still be on its way when its job is gone already. */
const MISSES_BEFORE_LOST = 3
/** A question that was lost oftener may be what engines end of. */
const MAX_TIMES_LOST = 2
/** Longer without any engine, and people are told so. */
const NO_ENGINE_LIMIT_MS = 60_000

/** Watches until the signal; never rejects. */
export async function watchQuestions(watch: QuestionWatch): Promise<void> {
  const { redis, logger, signal } = watch
  let engineSeenAtMs = performance.now()
  while (!signal.aborted) {
    // What is not known while Redis is away is not looked for; a connection that stays away fails each command by itself.
    if (redis.isConnected()) {
      try {
        const engines = await look(watch)
        if (engines > 0) engineSeenAtMs = performance.now()
      } catch (error) {
        logger.warn({ err: error }, 'open questions could not be looked at')
      }
      const withoutMs = performance.now() - engineSeenAtMs
      if (withoutMs > NO_ENGINE_LIMIT_MS) for (const question of watch.open.values()) question.fail(noEngine(withoutMs))
    } else {
      // Its absence is no engine's fault.
      engineSeenAtMs = performance.now()
    }
    await sleep(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** @returns how many engines live */
async function look({ redis, keys, queues, open, submit, see, logger }: QuestionWatch): Promise<number> {
  const [{ living }, waiting] = await Promise.all([listEngines(redis, keys), queues.waiting()])
  const running = living.reduce((sum, engine) => sum + engine.running, 0)
  see({ engines: living.length, running, waiting })
  const questions = [...open.values()].filter(({ queue, isEnded }) => queue !== '' && !isEnded)
  const places = await queues.places(questions)
  for (const [index, question] of questions.entries()) {
    const place = places[index]!
    if (place.before !== null) {
      question.timesMissed = 0
      if (await moved(question, living, queues, submit)) continue
      question.tellPlace(place.before + running)
    } else if (isLost(question, place)) {
      if (question.timesLost > MAX_TIMES_LOST) {
        question.fail(lostTooOften())
        continue
      }
      logger.warn({ job: question.id }, 'a question was lost with an engine or with Redis; it is asked again')
      await submit(question, SHARED_QUEUE)
    }
  }
  return living.length
}

/** Takes a question out of the queue of an engine that does not come to it. @returns false when it may stay */
async function moved(
  question: OpenQuestion,
  living: readonly LivingEngine[],
  queues: QuestionQueues,
  submit: QuestionWatch['submit'],
): Promise<boolean> {
  if (question.queue === SHARED_QUEUE) return false
  const home = living.find(({ engineId }) => queueOfEngine(engineId) === question.queue)
  const patienceMs = living.some(isFree) ? HOME_PATIENCE_MS : BUSY_PATIENCE_MS
  const isPatient = performance.now() - question.queuedAtMs < patienceMs
  const isOnlyOne = living.length === 1
  if (home !== undefined && (isPatient || isOnlyOne)) return false
  if (!(await queues.remove(question.queue, question.id))) return false
  await submit(question, SHARED_QUEUE)
  return true
}

function isLost(question: OpenQuestion, { exists }: JobPlace): boolean {
  question.timesMissed = exists || question.isEnded ? 0 : question.timesMissed + 1
  if (question.timesMissed < MISSES_BEFORE_LOST) return false
  question.timesMissed = 0
  question.timesLost += 1
  return true
}

function noEngine(withoutMs: number): AppError {
  return new AppError(
    'ENGINE_UNREACHABLE',
    `No engine was there for ${Math.round(withoutMs / 1000)} s; at least one is needed. Start one with "valley start --role engine".`,
    { retryable: true },
  )
}

function lostTooOften(): AppError {
  return new AppError(
    'ENGINE_UNREACHABLE',
    `A question was lost ${MAX_TIMES_LOST + 1} times, with an engine or with Redis; ${MAX_TIMES_LOST} are borne. Read the logs of the engines, then ask again.`,
    { retryable: true },
  )
}
