// Runs the adapters of a started Valley side by side until it is stopped: one that fails is logged and the others go on.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatAdapter, Conversation } from '../conversation/adapter.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'

/** What is run. */
export interface ServeOptions {
  /** At least one. */
  readonly adapters: readonly ChatAdapter[]
  readonly conversation: Conversation
  readonly logger: Logger
  /** Stops everything. */
  readonly signal: AbortSignal
  /** How long the adapters may take to end once they are told to, milliseconds. */
  readonly stopTimeoutMs: number
  /** Runs beside them and ends when they have; null where moderation is off. */
  readonly moderation: { run(signal: AbortSignal): Promise<void> } | null
}

/**
 * Resolves when everything has ended in order.
 * @throws what the first adapter failed with, when all have ended without being told to; AppError TIMED_OUT when one does
 *   not end in time
 */
export async function serve({ moderation, ...options }: ServeOptions): Promise<void> {
  const stop = new AbortController()
  const moderating = moderation?.run(AbortSignal.any([options.signal, stop.signal]))
  try {
    await runAdapters(options)
  } finally {
    stop.abort()
    await moderating
  }
}

async function runAdapters(options: Omit<ServeOptions, 'moderation'>): Promise<void> {
  const { adapters, conversation, logger, signal, stopTimeoutMs } = options
  const failures: unknown[] = []
  const running = new Set(adapters.map(({ platform }) => platform))
  const all = Promise.all(
    adapters.map(async (adapter) => {
      const { platform } = adapter
      try {
        await adapter.run(conversation, signal)
        if (!signal.aborted) logger.warn({ platform }, 'the platform has ended the connection')
      } catch (error) {
        failures.push(error)
        logger.error({ platform, code: error instanceof AppError ? error.code : null, err: error }, 'platform failed')
      } finally {
        running.delete(platform)
      }
    }),
  )
  const inTime = await Promise.race([all.then(() => true), stopTimePassed(signal, stopTimeoutMs)])
  if (!inTime) {
    const names = [...running].join(', ')
    throw new AppError(
      'TIMED_OUT',
      `Stopping ${names} took longer than ${stopTimeoutMs / 1000} s, which is what stopTimeoutSeconds allows. ` +
        'Answers under way may be cut; raise stopTimeoutSeconds if that matters.',
      { details: { platforms: names } },
    )
  }
  if (!signal.aborted && failures.length > 0) throw failures[0]
}

/** Resolves to false so many milliseconds after the signal. */
async function stopTimePassed(signal: AbortSignal, stopTimeoutMs: number): Promise<boolean> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  return sleep(stopTimeoutMs, false, { ref: false })
}
