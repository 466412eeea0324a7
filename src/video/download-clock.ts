// The limits of time of one download.
import { tooSlow } from './download-errors.ts'
import type { DownloadLimits } from './download-limits.ts'

/** Two limits: on the whole, and on a stretch in which nothing comes. */
export class DownloadClock {
  /** Aborted when the caller stops, when nothing comes any more, or when it takes too long. */
  readonly signal: AbortSignal
  /** Host that is being asked. */
  host: string
  /** Which limit passed; null while none has. */
  reason: Error | null = null
  readonly #limits: DownloadLimits
  readonly #late = new AbortController()
  readonly #total: NodeJS.Timeout
  #stall: NodeJS.Timeout

  constructor(limits: DownloadLimits, host: string, signal: AbortSignal | undefined) {
    this.#limits = limits
    this.host = host
    this.signal = signal === undefined ? this.#late.signal : AbortSignal.any([signal, this.#late.signal])
    this.#total = setTimeout(() => this.#end('totalTimeoutMs'), limits.totalTimeoutMs)
    this.#stall = setTimeout(() => this.#end('stallTimeoutMs'), limits.stallTimeoutMs)
  }

  /** Something came. */
  moved(): void {
    this.#stall.refresh()
  }

  /** Must be called in the end. */
  stop(): void {
    clearTimeout(this.#total)
    clearTimeout(this.#stall)
  }

  #end(limit: 'stallTimeoutMs' | 'totalTimeoutMs'): void {
    this.reason = tooSlow(limit, this.#limits, this.host)
    this.#late.abort(this.reason)
  }
}
