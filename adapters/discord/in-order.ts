// Events of one channel are handed on in the order they came, although reading them may take requests of its own.

/** Runs the steps of each key one after the other; keys do not wait for each other. */
export class InOrder {
  readonly #last = new Map<string, Promise<void>>()

  /**
   * Runs a step when those before it have ended, however they ended.
   * @returns what the step returns
   * @throws what the step throws
   */
  async run<Result>(key: string, step: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const current = before.then(step)
    const settled = current.then(
      () => {},
      () => {},
    )
    this.#last.set(key, settled)
    try {
      return await current
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
