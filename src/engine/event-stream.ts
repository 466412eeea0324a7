// Events pushed by a callback become an async iterable for one reader; nothing is lost while the reader is busy.

/** A queue of events with an end. */
export class EventStream<Event> implements AsyncIterable<Event> {
  readonly #waiting: Event[] = []
  #outcome: { readonly error: unknown } | 'ended' | null = null
  #wake: () => void = () => undefined

  /** Adds an event. */
  push(event: Event): void {
    this.#waiting.push(event)
    this.#wake()
  }

  /** Ends the stream after the events pushed so far. */
  end(): void {
    this.#outcome ??= 'ended'
    this.#wake()
  }

  /** Ends the stream after the events pushed so far with an error for the reader. */
  fail(error: unknown): void {
    this.#outcome ??= { error }
    this.#wake()
  }

  /** Reads the events in order; for one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void> {
    for (;;) {
      const event = this.#waiting.shift()
      if (event !== undefined) yield event
      else if (this.#outcome === 'ended') return
      else if (this.#outcome !== null) throw this.#outcome.error
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
