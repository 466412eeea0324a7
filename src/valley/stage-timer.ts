// Adds up how long each stage took.

/** Milliseconds by stage name; stages may run many times. */
export class StageTimer {
  readonly #totals: Record<string, number> = {}

  /** Runs one piece of a stage and adds its duration; a promise counts until it settles. */
  time<Result>(stage: string, run: () => Result): Result {
    const start = performance.now()
    const add = () => this.add(stage, performance.now() - start)
    const result = run()
    if (result instanceof Promise) return result.finally(add) as Result
    add()
    return result
  }

  /** Adds to a stage what was measured elsewhere. */
  add(stage: string, ms: number): void {
    this.#totals[stage] = (this.#totals[stage] ?? 0) + ms
  }

  /** The sums so far, milliseconds. */
  totalsMs(): Record<string, number> {
    return { ...this.#totals }
  }
}
