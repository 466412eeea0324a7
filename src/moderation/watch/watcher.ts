// Looks at clips that wait, the oldest first, for as long as it runs: those of one server one after the other, so that a clip
// that is there twice is looked at once, and of servers in turn, so that none waits for the many clips of another. What waits is
// on the disk, so a restart goes on where it was.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type ErrorCode } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import { dayOf } from '../digest/calendar.ts'
import type { RecordLook } from './look-at-record.ts'
import type { ModerationSettings } from './settings.ts'
import type { ClipRecord, LookLedger, ModerationStore, NewAlert, Outcome } from './store.ts'

/** What the watcher works with. */
export interface WatcherOptions {
  readonly store: ModerationStore
  /** Looks at a clip, here or elsewhere; see lookAtRecord. @param begins to be called before a look in this process */
  readonly look: (record: ClipRecord, signal: AbortSignal, begins: () => Promise<void>) => Promise<RecordLook>
  /** Counts looks in this process that did not end; absent where others look. */
  readonly ledger?: LookLedger
  readonly settings: Pick<ModerationSettings, 'maxClipsPerDay' | 'maxClipsPerPersonPerDay' | 'timeZone'>
  readonly logger: Logger
  readonly now: () => number
  /** Told after each clip. */
  readonly onFinished: () => void
  /** Waits before what may go better later is tried again; default RETRY_DELAYS_MS. */
  readonly retryDelaysMs?: readonly number[]
  /** How often it is looked whether another process has taken a clip; default never: there is no other. */
  readonly pollMs?: number
  /** Servers whose clips are looked at at a time; default 1, which is what one model does. */
  readonly serversAtOnce?: number
}

const RETRY_DELAYS_MS: readonly number[] = [2000, 20_000]
/** What says nothing about the clip, which waits until it has passed. */
const NOT_OF_THE_CLIP: ReadonlySet<ErrorCode> = new Set(['STORAGE_FAILED', 'REDIS_UNREACHABLE', 'ENGINE_CLOSED'])
/** A clip at which so many looks ended with the process is given up: the next one would end it again. */
const MOST_CRASHES = 3
/** A store that fails is asked again after so long. */
const STORE_PAUSE_MS = 5000

/** The loop. */
export class Watcher {
  readonly #options: WatcherOptions
  readonly #resting = new Set<() => void>()
  readonly #current = new Map<string, { readonly record: ClipRecord; readonly stop: AbortController }>()
  #hasWork = true
  /** Servers of which a clip was taken since all others that wait had one taken. */
  readonly #hadTurn = new Set<string>()
  /** One choice follows the other, so that no two take the same clip. */
  #choosing: Promise<unknown> = Promise.resolve()

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /** Says that clips wait. */
  wake(): void {
    this.#hasWork = true
    for (const wake of this.#resting) wake()
  }

  /** Stops the look at a clip that is not to be looked at any more. */
  stopIf(isGone: (record: ClipRecord) => boolean): void {
    for (const { record, stop } of this.#current.values()) if (isGone(record)) stop.abort()
  }

  /** Resolves when the signal is aborted; a clip under way then waits for the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const { serversAtOnce = 1 } = this.#options
    const wake = () => this.wake()
    signal.addEventListener('abort', wake, { once: true })
    this.#hasWork = true
    await Promise.all(Array.from({ length: serversAtOnce }, () => this.#lookOn(signal)))
    signal.removeEventListener('abort', wake)
  }

  async #lookOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const chosen = await this.#choose()
        if (chosen === null) await this.#rest(signal)
        else await this.#take(chosen.record, chosen.stop, signal)
      } catch (error) {
        if (signal.aborted) break
        this.#options.logger.error({ err: error }, 'moderation could not go on; it tries again')
        await sleep(STORE_PAUSE_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** The oldest clip of a server none of whose clips is looked at, of those servers first that had no turn yet. */
  async #choose(): Promise<{ readonly record: ClipRecord; readonly stop: AbortController } | null> {
    const chosen = this.#choosing.then(async () => {
      const record = await this.#nextInTurn()
      if (record === null) return null
      const current = { record, stop: new AbortController() }
      this.#current.set(record.post.groupId, current)
      return current
    })
    this.#choosing = chosen.catch(() => {})
    return await chosen
  }

  async #nextInTurn(): Promise<ClipRecord | null> {
    const { store } = this.#options
    const looking = [...this.#current.keys()]
    let record = await store.nextWaiting([...new Set([...looking, ...this.#hadTurn])])
    if (record === null && this.#hadTurn.size > 0) {
      this.#hadTurn.clear()
      record = await store.nextWaiting(looking)
    }
    if (record !== null) this.#hadTurn.add(record.post.groupId)
    return record
  }

  async #rest(signal: AbortSignal): Promise<void> {
    if (!this.#hasWork && !signal.aborted) {
      const { pollMs } = this.#options
      let poll: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#resting.delete(wake)
          resolve()
        }
        this.#resting.add(wake)
        if (pollMs !== undefined) poll = setTimeout(wake, pollMs)
      })
      clearTimeout(poll)
    }
    this.#hasWork = false
  }

  async #take(record: ClipRecord, stop: AbortController, signal: AbortSignal): Promise<void> {
    try {
      const { outcome, alerts } = await this.#look(record, AbortSignal.any([signal, stop.signal]))
      const ended = { ...outcome, endedAtMs: this.#options.now() }
      const isKept = await this.#options.store.finish(record.id, ended, alerts)
      if (!isKept) this.#logGone(record)
      this.#options.onFinished()
    } catch (error) {
      // Stopped because the message is gone: its record went with it.
      if (!stop.signal.aborted) {
        await this.#options.ledger?.leave(record.id).catch(() => {})
        throw error
      }
      this.#logGone(record)
    } finally {
      this.#current.delete(record.post.groupId)
      // Others may have passed over its server's clips.
      this.wake()
    }
  }

  async #look(
    record: ClipRecord,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: Outcome; readonly alerts: readonly NewAlert[] }> {
    const { store, look, settings, logger, now, retryDelaysMs = RETRY_DELAYS_MS } = this.#options
    const { startMs } = dayOf(now(), settings.timeZone)
    const { groupId, authorId, channelId, messageId } = record.post
    if ((await store.countLooked(groupId, startMs)) >= settings.maxClipsPerDay) {
      return { outcome: { kind: 'capped' }, alerts: [] }
    }
    if ((await store.countLooked(groupId, startMs, authorId)) >= settings.maxClipsPerPersonPerDay) {
      return { outcome: { kind: 'capped', of: 'person' }, alerts: [] }
    }
    let hasBegun = false
    const begins = async () => {
      if (hasBegun) return
      hasBegun = true
      await this.#begin(record)
    }
    for (let attempt = 0; ; attempt++) {
      try {
        return await look(record, signal, begins)
      } catch (error) {
        signal.throwIfAborted()
        const { code, retryable } = asFailure(error)
        if (NOT_OF_THE_CLIP.has(code)) throw error
        const delayMs = retryable ? retryDelaysMs[attempt] : undefined
        if (delayMs === undefined) {
          const fields = error instanceof AppError ? {} : { err: error }
          logger.warn({ channel: channelId, message: messageId, code, ...fields }, 'a clip could not be looked at')
          return { outcome: { kind: 'failed', code }, alerts: [] }
        }
        await sleep(delayMs, undefined, { signal })
      }
    }
  }

  /** @throws AppError INFERENCE_FAILED for a clip at which the process has ended too often */
  async #begin({ id, post }: ClipRecord): Promise<void> {
    const { ledger, logger } = this.#options
    if (ledger === undefined || (await ledger.begin(id)) <= MOST_CRASHES) return
    const what = 'a clip is given up: each look at it ended with the process, perhaps for want of memory'
    logger.error({ channel: post.channelId, message: post.messageId, looks: MOST_CRASHES }, what)
    throw new AppError('INFERENCE_FAILED', `${MOST_CRASHES} looks at this clip ended with the process; see the log.`)
  }

  #logGone({ post }: ClipRecord): void {
    const { channelId, messageId } = post
    this.#options.logger.info({ channel: channelId, message: messageId }, 'a clip was removed before it was looked at')
  }
}

function asFailure(error: unknown): { readonly code: ErrorCode; readonly retryable: boolean } {
  return error instanceof AppError ? error : { code: 'INFERENCE_FAILED', retryable: false }
}
