import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { streamEvents } from '../../../src/conversation/stream-events.ts'

async function collect<Event, Result>(
  stream: AsyncGenerator<Event, Result>,
): Promise<{ events: Event[]; result: Result }> {
  const events: Event[] = []
  for (;;) {
    const next = await stream.next()
    if (next.done) return { events, result: next.value }
    events.push(next.value)
  }
}

it('gives every event in order and then the result, however the two sides are paced', async () => {
  const stream = streamEvents<number, string>(async (emit) => {
    emit(1)
    emit(2)
    await sleep(5)
    emit(3)
    return 'done'
  })
  expect(await collect(stream)).toEqual({ events: [1, 2, 3], result: 'done' })
})

it('throws what the task throws, after its events', async () => {
  const seen: number[] = []
  const read = async () => {
    const stream = streamEvents<number, void>(async (emit) => {
      emit(1)
      throw new Error('broken')
    })
    for await (const event of stream) seen.push(event)
  }
  await expect(read()).rejects.toThrow('broken')
  expect(seen).toEqual([1])
})

it('aborts the task when the reader leaves, and waits for its end', async () => {
  let ended = false
  const stream = streamEvents<number, void>(async (emit, signal) => {
    emit(1)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    await sleep(5)
    ended = true
  })
  for await (const _ of stream) break
  expect(ended).toBe(true)
})
