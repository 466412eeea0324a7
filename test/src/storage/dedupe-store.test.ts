import { describe, expect, it } from 'vitest'
import { DedupeStore } from '../../../src/storage/dedupe-store.ts'
import { openTestDatabase } from './open-test-database.ts'

const MINUTE_MS = 60_000

describe('taken events', () => {
  it('are taken once, also by another process and after a restart', async () => {
    const database = await openTestDatabase()
    const events = new DedupeStore(database)
    expect(await events.claim('slack:event:Ev1')).toBe(true)
    expect(await events.claim('slack:event:Ev1')).toBe(false)
    const other = new DedupeStore(await openTestDatabase({ file: database.file }))
    expect(await other.claim('slack:event:Ev1')).toBe(false)
    expect(await other.claim('slack:event:Ev2')).toBe(true)
    expect(await events.claim('slack:event:Ev2')).toBe(false)
  })

  it('are one when they share any of their keys', async () => {
    const events = new DedupeStore(await openTestDatabase())
    expect(await events.claim('slack:event:Ev1', 'slack:post:C1:1.1')).toBe(true)
    expect(await events.claim('slack:event:Ev2', 'slack:post:C1:1.1')).toBe(false)
    // The second event was not taken, so its own id says nothing of another post.
    expect(await events.claim('slack:event:Ev2', 'slack:post:C1:2.2')).toBe(true)
  })

  it('can be given back, so that the next try is taken', async () => {
    const events = new DedupeStore(await openTestDatabase())
    await events.claim('a', 'b')
    await events.release('a', 'b')
    expect(await events.claim('a', 'b')).toBe(true)
  })

  it.each([
    ['ten minutes even when told less', 1, 10 * MINUTE_MS],
    ['an hour by default', undefined, 60 * MINUTE_MS],
    ['as long as told', 30 * MINUTE_MS, 30 * MINUTE_MS],
  ])('are remembered for %s', async (_, lifetimeMs, expectedMs) => {
    let nowMs = 0
    const database = await openTestDatabase({ now: () => nowMs })
    const events = new DedupeStore(database, lifetimeMs === undefined ? {} : { lifetimeMs })
    await events.claim('a')
    nowMs = expectedMs - 1
    expect(await events.claim('a')).toBe(false)
    nowMs = expectedMs
    expect(await events.claim('a')).toBe(true)
    const rows = await database.read('be read', 'SELECT count(*) AS count FROM seen_events')
    expect(rows).toMatchObject([{ count: 1 }])
  })
})
