// Tries again what may go better a moment later: a connection that broke off, a hub that is busy.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { AppError } from '../errors.ts'

/** Waits; rejects with signal.reason when aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>

/** Tries in a row without anything gained between them. */
export const MAX_ATTEMPTS = 5
const FIRST_WAIT_MS = 1000

/** Waits by the clock. */
export const sleepByClock: Sleep = async (milliseconds, signal) => {
  try {
    await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** How to try again. */
export interface RetryOptions {
  readonly signal?: AbortSignal | undefined
  /** Default sleepByClock. */
  readonly sleep?: Sleep | undefined
}

/**
 * Runs a task until it succeeds, fails for good, or failed MAX_ATTEMPTS times in a row without progress.
 * @param task told how to say that something was gained: then the count begins anew
 * @throws what the task threw last
 */
export async function withRetries<Result>(
  task: (gained: () => void) => Promise<Result>,
  { signal, sleep = sleepByClock }: RetryOptions,
): Promise<Result> {
  let failures = 0
  for (;;) {
    try {
      return await task(() => {
        failures = 0
      })
    } catch (error) {
      signal?.throwIfAborted()
      failures += 1
      if (!(error instanceof AppError) || !error.retryable || failures >= MAX_ATTEMPTS) throw error
      const { waitSeconds } = error.details
      // 1, 2, 4, 8 seconds, unless the hub says how long.
      const waitMs = typeof waitSeconds === 'number' ? waitSeconds * 1000 : FIRST_WAIT_MS * 2 ** (failures - 1)
      await sleep(waitMs, signal)
    }
  }
}
