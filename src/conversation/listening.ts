// Keeps noting until when a platform's events came in; once they come in again, has those fetched that were missed.
import type { Logger } from '../logger.ts'
import type { HeardPlaces } from './heard-places.ts'

/** From when on posts are looked for that were missed, milliseconds since 1970. */
export interface MissedSince {
  /** Those that ask something: an older question is of no use to anybody. */
  readonly questionsMs: number
  /** Those in watched channels, which moderators want to know of later too. */
  readonly watchedMs: number
}

/** What listening works with. */
export interface ListeningOptions {
  readonly platform: string
  readonly heard: HeardPlaces
  /** True while events come in. */
  readonly isConnected: () => boolean
  /** Fetches posts that were missed and hands them on; a post that was taken before does nothing. */
  readonly fetchMissed: (since: MissedSince) => Promise<void>
  readonly logger: Logger
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * A post of the last seconds may have come when the program was about to end. A line that goes dead without a word is noticed
 * at the second heartbeat at the latest, 83 seconds later with Discord, and it is noted until then that events come in.
 */
const OVERLAP_MS = 2 * 60_000
/** By how much the platform's clock, which dates posts, and this machine's may differ. */
const CLOCKS_DIFFER_MS = 5_000
const NOTE_INTERVAL_MS = 30_000
const LONGEST_FOR_QUESTIONS_MS = 60 * 60_000
const LONGEST_FOR_WATCHED_MS = 24 * 60 * 60_000

/** One platform's listening; close it. */
export class Listening {
  readonly #options: ListeningOptions
  readonly #notes: NodeJS.Timeout
  /** False until what was missed before has been fetched, so that a crash meanwhile loses nothing. */
  #isUpToDate = false

  constructor(options: ListeningOptions) {
    this.#options = options
    this.#notes = setInterval(() => void this.#note(), NOTE_INTERVAL_MS).unref()
  }

  /** Events come in, for the first time or anew. Never rejects. */
  async connected(): Promise<void> {
    const { heard, platform, fetchMissed, logger, now = Date.now } = this.#options
    this.#isUpToDate = false
    try {
      const lastMs = await heard.lastHeardMs(platform)
      if (lastMs !== null) {
        const nowMs = now()
        // A clock that was set back must not make the time in between look short.
        const overlappingMs = Math.min(lastMs, nowMs) - OVERLAP_MS
        // What came before this memory began, somebody else may have answered.
        const firstMs = ((await heard.firstHeardMs(platform)) ?? 0) - CLOCKS_DIFFER_MS
        const fromMs = Math.min(Math.max(overlappingMs, firstMs), nowMs)
        await fetchMissed({
          questionsMs: Math.max(fromMs, nowMs - LONGEST_FOR_QUESTIONS_MS),
          watchedMs: Math.max(fromMs, nowMs - LONGEST_FOR_WATCHED_MS),
        })
      }
      this.#isUpToDate = true
    } catch (error) {
      logger.error({ platform, err: error }, 'posts that were missed could not be fetched')
    }
    await this.#note()
  }

  /** Notes no more. */
  close(): void {
    clearInterval(this.#notes)
  }

  async #note(): Promise<void> {
    const { heard, platform, isConnected, logger } = this.#options
    if (!this.#isUpToDate || !isConnected()) return
    await heard.listening(platform).catch((error: unknown) => {
      logger.warn({ platform, err: error }, 'it could not be noted that events come in')
    })
  }
}
