// Slack's own time, which stands still until a test moves it: retries, expiry of response URLs and of triggers hang on it.

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** A clock that a test advances by hand, so that a retry after five minutes costs no waiting. */
export class ManualClock {
  #nowMs = Date.now()
  readonly #timers = new Set<Timer>()

  /** Milliseconds since the epoch; starts at the time the double was opened. */
  now(): number {
    return this.#nowMs
  }

  /** Runs a function once so many milliseconds have passed. @returns cancels it */
  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves time forward and runs what falls due, in order; what that starts may fall due in the same step. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = endMs
  }

  /** Forgets everything that is still to run. */
  clear(): void {
    this.#timers.clear()
  }

  #nextDue(endMs: number): Timer | undefined {
    return [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
  }
}
