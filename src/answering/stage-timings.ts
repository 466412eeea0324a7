// Milliseconds by stage, summed over the clips of one answer.

/** Collects times; the clock is passed in. */
export class StageTimings {
  readonly #now: () => number
  readonly #startedMs: number
  readonly #stages: Record<string, number> = {}

  /** @param now milliseconds of any clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now
    this.#startedMs = now()
  }

  /** Adds times measured elsewhere. */
  addAll(timingsMs: Readonly<Record<string, number>>): void {
    for (const [stage, ms] of Object.entries(timingsMs)) this.#stages[stage] = (this.#stages[stage] ?? 0) + ms
  }

  /** Runs something and adds its time, also when it throws. */
  async measure<Result>(stage: string, run: () => Promise<Result>): Promise<Result> {
    const startedMs = this.#now()
    try {
      return await run()
    } finally {
      this.addAll({ [stage]: this.#now() - startedMs })
    }
  }

  /** Passes a stream on and adds the time spent waiting for its items, not the time its reader takes between them. */
  async *measureItems<Item>(stage: string, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    const iterator = items[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.measure(stage, () => iterator.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }

  /** All stages with `total`, the time since the beginning; to the microsecond. */
  report(): Record<string, number> {
    const entries = Object.entries({ ...this.#stages, total: this.#now() - this.#startedMs })
    return Object.fromEntries(entries.map(([stage, ms]) => [stage, Math.round(ms * 1000) / 1000]))
  }
}
