// Work that reports by callback becomes a stream that is read with `for await`.

/**
 * Runs a task and yields what it emits, in order, as it comes. Events wait without bound for a slow reader, so emit few.
 * Leaving the loop early aborts the task and waits for its end.
 * @param task gets `emit` and a signal that follows the caller's
 * @returns what the task returns
 * @throws what the task throws, after its events
 */
export async function* streamEvents<Event, Result>(
  task: (emit: (event: Event) => void, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Event, Result> {
  const left = new AbortController()
  const taskSignal = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
  const events: Event[] = []
  let wake: () => void = () => {}
  let ended = false
  const emit = (event: Event) => {
    events.push(event)
    wake()
  }
  const result = task(emit, taskSignal).finally(() => {
    ended = true
    wake()
  })
  // It is awaited below; this only keeps an early failure from counting as unhandled.
  result.catch(() => {})
  try {
    for (;;) {
      const event = events.shift()
      if (event !== undefined) yield event
      else if (ended) return await result
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    left.abort(new DOMException('The answer is no longer wanted', 'AbortError'))
    await result.catch(() => {})
  }
}
