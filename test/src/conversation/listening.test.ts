// From when on missed posts are looked for.
import { expect, it, onTestFinished } from 'vitest'
import type { HeardPlaces } from '../../../src/conversation/heard-places.ts'
import { Listening, type MissedSince } from '../../../src/conversation/listening.ts'
import { createLogger } from '../../../src/logger.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW_MS = 1_700_000_000_000

/** Listens anew after so long a time. */
async function listenAfter(goneMs: number | null, { fail = false, knownMs = 1000 * HOUR_MS } = {}) {
  const noted: string[] = []
  const since: MissedSince[] = []
  const heard: HeardPlaces = {
    listening: async (platform) => void noted.push(platform),
    lastHeardMs: async () => (goneMs === null ? null : NOW_MS - goneMs),
    firstHeardMs: async () => NOW_MS - knownMs,
    add: async () => {},
    places: async () => [],
  }
  const listening = new Listening({
    platform: 'pager',
    heard,
    isConnected: () => true,
    fetchMissed: async (from) => {
      since.push(from)
      if (fail) throw new Error('cut')
    },
    logger: createLogger('silent'),
    now: () => NOW_MS,
  })
  onTestFinished(() => listening.close())
  await listening.connected()
  return { noted, since }
}

it('looks two minutes further back than it listened', async () => {
  const fromMs = NOW_MS - 7 * MINUTE_MS
  expect((await listenAfter(5 * MINUTE_MS)).since).toEqual([{ questionsMs: fromMs, watchedMs: fromMs }])
})

it('looks for questions of an hour, and for moderation of a day', async () => {
  const { since } = await listenAfter(72 * HOUR_MS)
  expect(since).toEqual([{ questionsMs: NOW_MS - HOUR_MS, watchedMs: NOW_MS - 24 * HOUR_MS }])
})

it('looks for nothing the first time', async () => {
  expect(await listenAfter(null)).toEqual({ noted: ['pager'], since: [] })
})

it('never looks at what came before it listened for the first time, by clocks that may differ a little', async () => {
  const fromMs = NOW_MS - 5.5 * MINUTE_MS - 5_000
  const { since } = await listenAfter(5 * MINUTE_MS, { knownMs: 5.5 * MINUTE_MS })
  expect(since).toEqual([{ questionsMs: fromMs, watchedMs: fromMs }])
})

it('looks two minutes back when the clock was set back', async () => {
  const fromMs = NOW_MS - 2 * MINUTE_MS
  expect((await listenAfter(-HOUR_MS)).since).toEqual([{ questionsMs: fromMs, watchedMs: fromMs }])
})

it('does not note that it listens before it has what it missed', async () => {
  expect((await listenAfter(5 * MINUTE_MS, { fail: true })).noted).toEqual([])
  expect((await listenAfter(5 * MINUTE_MS)).noted).toEqual(['pager'])
})
