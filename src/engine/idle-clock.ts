// Notices that nothing has been asked for a while.

/** Counts what is under way, and calls back once after each stretch in which nothing was. */
export class IdleClock {
  readonly #idleMs: number
  readonly #onIdle: () => void
  #underWay = 0
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  /** @param idleMs how long nothing must be under way */
  constructor(idleMs: number, onIdle: () => void) {
    this.#idleMs = idleMs
    this.#onIdle = onIdle
  }

  /** Waits for something to be done, well or not; nothing is idle until then. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    clearTimeout(this.#timer)
    this.#underWay += 1
    try {
      return await work
    } finally {
      this.#underWay -= 1
      // It keeps neither a thread nor the process.
      if (this.#underWay === 0 && !this.#stopped) this.#timer = setTimeout(this.#onIdle, this.#idleMs).unref()
    }
  }

  /** Calls back no more. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
