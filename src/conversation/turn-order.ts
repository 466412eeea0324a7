// One question at a time in each thread, in the order they came; threads do not wait for each other.

/** A place in a thread's line. */
export interface Ticket {
  /** Questions of the same thread that were not finished when this one came. */
  readonly ahead: number
  /**
   * Resolves when all questions before are finished.
   * @throws signal.reason when aborted before
   */
  ready(signal?: AbortSignal): Promise<void>
  /** Lets the next one in; must be called once, also when the turn never came. */
  release(): void
}

/** The lines of all threads. */
export class TurnOrder {
  readonly #lines = new Map<string, { length: number; last: Promise<void> }>()

  /** Joins the end of a thread's line. */
  take(threadId: string): Ticket {
    const line = this.#lines.get(threadId) ?? { length: 0, last: Promise.resolve() }
    this.#lines.set(threadId, line)
    const before = line.last
    const ahead = line.length
    let finish: () => void = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    line.length += 1
    // A ticket given back early does not let others overtake those still before it.
    line.last = before.then(() => finished)
    return {
      ahead,
      ready: (signal) => abortable(before, signal),
      release: () => {
        finish()
        line.length -= 1
        if (line.length === 0) this.#lines.delete(threadId)
      },
    }
  }
}

/** The promise, or a rejection with signal.reason if that comes first. */
async function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (signal === undefined) return promise
  let stop: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
