import { expect, it } from 'vitest'
import { EventStream } from '../../../src/engine/event-stream.ts'

async function collect(stream: EventStream<number>): Promise<number[]> {
  const events: number[] = []
  for await (const event of stream) events.push(event)
  return events
}

it('gives events in order, those before the reader came and those after', async () => {
  const stream = new EventStream<number>()
  stream.push(1)
  stream.push(2)
  const reading = collect(stream)
  await Promise.resolve()
  stream.push(3)
  stream.end()
  expect(await reading).toEqual([1, 2, 3])
})

it('gives the events before a failure, then the failure', async () => {
  const stream = new EventStream<number>()
  const seen: number[] = []
  const reading = (async () => {
    for await (const event of stream) seen.push(event)
  })()
  stream.push(1)
  stream.fail(new Error('gone'))
  await expect(reading).rejects.toThrow('gone')
  expect(seen).toEqual([1])
})

it('ends once: what comes after the end changes nothing', async () => {
  const stream = new EventStream<number>()
  stream.end()
  stream.fail(new Error('late'))
  expect(await collect(stream)).toEqual([])
})
