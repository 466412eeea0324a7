import { expect, it } from 'vitest'
import { TakenEventsInMemory } from '../../../adapters/slack/taken-events.ts'

const MINUTE_MS = 60_000

it('takes an event once, by any of its keys', async () => {
  const taken = new TakenEventsInMemory()
  expect(await taken.claim('event:1', 'post:1')).toBe(true)
  expect(await taken.claim('event:2', 'post:1')).toBe(false)
  expect(await taken.claim('event:2')).toBe(true)
})

it('remembers for ten minutes at least, and not for ever', async () => {
  let nowMs = 0
  const taken = new TakenEventsInMemory(() => nowMs)
  await taken.claim('event:1')
  nowMs = 10 * MINUTE_MS
  expect(await taken.claim('event:1')).toBe(false)
  nowMs = 60 * MINUTE_MS
  expect(await taken.claim('event:1')).toBe(true)
})
