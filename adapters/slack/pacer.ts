// Shows the newest state of something at a pace: calls that come faster are left out, never queued.
import { setTimeout as sleep } from 'node:timers/promises'

/** Repeats one call for as long as there is something new to show. */
export class Pacer {
  readonly #put: () => Promise<number>
  readonly #closed = new AbortController()
  #isWanted = false
  #running: Promise<void> | null = null

  /** @param put shows the present state and must not reject; gives the milliseconds to pause before the next call */
  constructor(put: () => Promise<number>) {
    this.#put = put
  }

  /** Has the present state shown, now or after the pause. */
  request(): void {
    this.#isWanted = true
    if (!this.#closed.signal.aborted) this.#running ??= this.#run()
  }

  /** Shows nothing more; waits for the call under way. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false
      const pauseMs = await this.#put()
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
    this.#running = null
  }
}
