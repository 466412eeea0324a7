// Where Valley was spoken to, and until when it listened.
import { expect, it } from 'vitest'
import { heardInPart } from '../../../src/conversation/heard-places.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { openTestDatabase } from './open-test-database.ts'

const DAY_MS = 24 * 60 * 60_000
const clock = { nowMs: 1_700_000_000_000 }
const open = () => openTestDatabase({ now: () => clock.nowMs })

it('knows until when each platform listened, also after a restart', async () => {
  const database = await open()
  const places = new HeardPlaceStore(database)
  expect(await places.lastHeardMs('discord')).toBeNull()
  await places.listening('discord')
  clock.nowMs += 5000
  await places.listening('slack')
  const again = new HeardPlaceStore(database)
  expect(await again.lastHeardMs('discord')).toBe(clock.nowMs - 5000)
  expect(await again.lastHeardMs('slack')).toBe(clock.nowMs)
  await again.listening('discord')
  expect(await again.lastHeardMs('discord')).toBe(clock.nowMs)
  expect(await again.firstHeardMs('discord')).toBe(clock.nowMs - 5000)
})

it('knows of each shard by itself until when it listened, and of all where Valley was spoken to', async () => {
  const whole = new HeardPlaceStore(await open())
  const [one, two] = ['/0', '/1'].map((part) => heardInPart(whole, part))
  await one!.listening('discord')
  clock.nowMs += 5000
  await two!.listening('discord')
  await two!.add('discord:7')
  expect(await one!.lastHeardMs('discord')).toBe(clock.nowMs - 5000)
  expect(await two!.firstHeardMs('discord')).toBe(clock.nowMs)
  expect(await whole.lastHeardMs('discord')).toBeNull()
  expect(await one!.places('discord', 9)).toEqual(['discord:7'])
})

it('names the places of a platform, the one spoken at last first, and no more than are asked for', async () => {
  const places = new HeardPlaceStore(await open())
  for (const place of ['discord:1', 'slack:T1:C1', 'discord:2', 'discord:3']) {
    clock.nowMs += 1
    await places.add(place)
  }
  await places.listening('discord')
  expect(await places.places('discord', 2)).toEqual(['discord:3', 'discord:2'])
  expect(await places.places('slack', 2)).toEqual(['slack:T1:C1'])
})

it('forgets a place where nobody has spoken for a month', async () => {
  const places = new HeardPlaceStore(await open())
  await places.add('discord:1')
  clock.nowMs += 31 * DAY_MS
  await places.add('discord:2')
  expect(await places.places('discord', 9)).toEqual(['discord:2'])
})
