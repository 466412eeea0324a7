// Who may begin: what concerns one thread happens in the order of its coming, and so many answers are made at once.

/** Lines by thread id, and one line for all. */
export class ThreadLines {
  readonly #most: number
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param most things that run at once, whatever their thread */
  constructor(most: number) {
    this.#most = most
  }

  /** Does something once all earlier things of the same thread are done. */
  inThread<Result>(threadId: string, run: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(threadId) ?? Promise.resolve()).then(run)
    const settled: Promise<void> = result.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(threadId, settled)
    void settled.then(() => {
      if (this.#last.get(threadId) === settled) this.#last.delete(threadId)
    })
    return result
  }

  /**
   * Does something once fewer than the allowed number are running.
   * @param signal when aborted it does not wait any longer: what is cancelled has little to do
   */
  async inTurn<Result>(run: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    if (this.#running < this.#most) this.#running += 1
    else if (!(await this.#place(signal))) return run()
    try {
      return await run()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next() // takes over the place
    }
  }

  /** Waits for a place; false when aborted before there was one. */
  #place(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = () => resolve(true)
      this.#waiting.push(enter)
      const leave = () => {
        const place = this.#waiting.indexOf(enter)
        if (place === -1) return
        this.#waiting.splice(place, 1)
        resolve(false)
      }
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
