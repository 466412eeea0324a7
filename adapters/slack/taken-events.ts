// Which events were taken, in the memory of this process: for a start without storage, and while storage fails.
import { EVENT_MEMORY_MS } from './limits.ts'
import type { TakenEvents } from './settings.ts'

/** Takes each event once; forgets after a quarter of an hour. */
export class TakenEventsInMemory implements TakenEvents {
  readonly #now: () => number
  /** In the order taken, so that the oldest stand first. */
  readonly #takenAtMs = new Map<string, number>()

  /** @param now the clock, milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  async claim(...keys: readonly string[]): Promise<boolean> {
    const nowMs = this.#now()
    for (const [key, takenAtMs] of this.#takenAtMs) {
      if (takenAtMs + EVENT_MEMORY_MS > nowMs) break
      this.#takenAtMs.delete(key)
    }
    if (keys.some((key) => this.#takenAtMs.has(key))) return false
    for (const key of keys) this.#takenAtMs.set(key, nowMs)
    return true
  }
}
