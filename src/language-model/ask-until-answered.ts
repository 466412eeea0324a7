// A language model that is busy, fails or breaks off is asked again, ever more patiently, and at last given up.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { askOnce, type ChatAnswer, type Generator, type RequestBody } from './chat-request.ts'

/** Waits; may end early when the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>

/** How it is asked again. */
export interface Patience {
  readonly signal: AbortSignal | undefined
  readonly sleep?: Sleep
  /** Told of each time that it is asked again. */
  readonly onRetry: () => void
}

const MAX_ATTEMPTS = 6
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 60_000

/** An abort ends the wait; what it was aborted with is thrown by whoever waited. */
export const sleepByClock: Sleep = (milliseconds, signal) =>
  sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {})

/**
 * Asks until there is an answer.
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE after the last attempt; what the signal was aborted with
 */
export async function askUntilAnswered(
  generator: Generator,
  body: RequestBody,
  { signal, sleep = sleepByClock, onRetry }: Patience,
): Promise<ChatAnswer> {
  for (let failures = 0; ; ) {
    try {
      return await askOnce(generator, body, signal)
    } catch (error) {
      failures += 1
      if (!(error instanceof AppError) || !error.retryable || failures >= MAX_ATTEMPTS) throw error
      onRetry()
      const { waitSeconds } = error.details
      const waitMs = typeof waitSeconds === 'number' ? waitSeconds * 1000 : FIRST_WAIT_MS * 2 ** (failures - 1)
      await sleep(Math.min(waitMs, MAX_WAIT_MS), signal)
      signal?.throwIfAborted()
    }
  }
}
