// Which events were taken already: after a lost connection the gateway sends some of them once more.
import { EVENT_MEMORY_MS, EVENT_MEMORY_SIZE } from './limits.ts'

/** Takes each event once. */
export interface EventClaims {
  /** @returns false when one of the keys was taken before */
  claim(...keys: readonly string[]): Promise<boolean>
}

/** Remembers the events of one process, for as long as a replay can come. */
export class RecentEvents implements EventClaims {
  readonly #takenAtMs = new Map<string, number>()
  readonly #now: () => number

  /** @param now any clock, milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  async claim(...keys: readonly string[]): Promise<boolean> {
    if (keys.some((key) => this.#takenAtMs.has(key))) return false
    const nowMs = this.#now()
    for (const key of keys) this.#takenAtMs.set(key, nowMs)
    for (const [key, takenAtMs] of this.#takenAtMs) {
      if (takenAtMs > nowMs - EVENT_MEMORY_MS && this.#takenAtMs.size <= EVENT_MEMORY_SIZE) break
      this.#takenAtMs.delete(key)
    }
    return true
  }
}
