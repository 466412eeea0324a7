// Lets a test wait for the world to come into a state, without polling.

const DEFAULT_WAIT_MS = 20_000

interface Wait {
  /** True when the wait is over. */
  check(): boolean
  end(error: Error): void
}

/** Announces that something in the world is different, and keeps those who wait for it. */
export class Changes {
  readonly #waits = new Set<Wait>()

  /** Looks again at everything that is waited for. */
  announce(): void {
    for (const wait of [...this.#waits]) if (wait.check()) this.#waits.delete(wait)
  }

  /**
   * Resolves with the first value found, now or after a change.
   * @param find undefined while there is nothing yet
   * @param describe says what is there instead, for the error
   * @throws Error when the limit passes or the double is closed
   */
  waitFor<T>(find: () => T | undefined, describe: () => string, timeoutMs = DEFAULT_WAIT_MS): Promise<T> {
    const found = find()
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        check: () => {
          const value = find()
          if (value === undefined) return false
          clearTimeout(timer)
          resolve(value)
          return true
        },
        end: (error) => {
          clearTimeout(timer)
          this.#waits.delete(wait)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        wait.end(new Error(`Waited ${timeoutMs} ms in vain. ${describe()}`))
      }, timeoutMs)
      this.#waits.add(wait)
    })
  }

  /** Ends every wait with an error. */
  close(): void {
    for (const wait of [...this.#waits]) wait.end(new Error('The Discord double was closed while a test waited on it.'))
  }
}
