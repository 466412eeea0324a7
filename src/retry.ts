// Tries again what may go better a moment later: a connection that broke off, a server that is busy.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { AppError } from './errors.ts'

/** Waits; may reject with signal.reason when aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>

const DEFAULT_MAX_ATTEMPTS = 5
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
  /** Tries in a row without anything gained between them. Default 5. */
  readonly maxAttempts?: number
  /** Longest wait. Default as long as the server says, or doubling has it. */
  readonly maxWaitMs?: number
  /** Told before each wait. */
  readonly onRetry?: () => void
}

/**
 * Runs a task until it succeeds, fails for good, or failed so often in a row without progress.
 * @param task told how to say that something was gained: then the count begins anew
 * @throws what the task threw last; signal.reason
 */
export async function withRetries<Result>(
  task: (gained: () => void) => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  const { signal, sleep = sleepByClock, maxAttempts = DEFAULT_MAX_ATTEMPTS, onRetry } = options
  const { maxWaitMs = Number.POSITIVE_INFINITY } = options
  let failures = 0
  for (;;) {
    try {
      return await task(() => {
        failures = 0
      })
    } catch (error) {
      signal?.throwIfAborted()
      failures += 1
      if (!(error instanceof AppError) || !error.retryable || failures >= maxAttempts) throw error
      onRetry?.()
      const { waitSeconds } = error.details
      // 1, 2, 4, 8 seconds, unless the server says how long.
      const waitMs = typeof waitSeconds === 'number' ? waitSeconds * 1000 : FIRST_WAIT_MS * 2 ** (failures - 1)
      await sleep(Math.min(waitMs, maxWaitMs), signal)
      signal?.throwIfAborted()
    }
  }
}
