import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../../src/storage/database.ts'
import { SqliteKeyvStore, type SqliteKeyvStoreOptions } from '../../../src/storage/sqlite-keyv-store.ts'
import { openTestDatabase } from './open-test-database.ts'

/** Keyv over a namespace, with its own serialiser, as anyone would use it. */
function keyvOver(database: Database, namespace: string, options?: SqliteKeyvStoreOptions): Keyv {
  return new Keyv({ store: new SqliteKeyvStore(database, options), namespace, throwOnErrors: true })
}

async function entriesOf(keyv: Keyv): Promise<unknown[]> {
  const entries: unknown[] = []
  for await (const entry of keyv.iterator!(undefined)) entries.push(entry)
  return entries
}

describe('Keyv over SQLite', () => {
  it('gives back plain values of every kind', async () => {
    const keyv = keyvOver(await openTestDatabase(), 'a')
    const values = ['text', '', 0, false, null, [1, { two: 'zwei ☃ \u0000' }]]
    for (const [index, value] of values.entries()) await keyv.set(`${index}`, value)
    for (const [index, value] of values.entries()) expect(await keyv.get(`${index}`)).toEqual(value)
    expect(await keyv.get('missing')).toBeUndefined()
    expect(await keyv.has('0')).toBe(true)
    expect(await keyv.getMany(['0', 'missing'])).toEqual(['text', undefined])
  })

  it('takes keys and values as data, whatever stands in them', async () => {
    const keyv = keyvOver(await openTestDatabase(), 'a')
    const hostile = `'; DROP TABLE entries; -- % _ \\ ${'x'.repeat(10_000)}`
    await keyv.set(hostile, hostile)
    expect(await keyv.get(hostile)).toBe(hostile)
    expect(await keyv.delete(hostile)).toBe(true)
    expect(await keyv.delete(hostile)).toBe(false)
  })

  it('keeps namespaces apart when one is cleared, also those whose names begin alike', async () => {
    const database = await openTestDatabase()
    const [one, two, three] = ['a', 'ab', 'a:b'].map((namespace) => keyvOver(database, namespace))
    for (const keyv of [one!, two!, three!]) await keyv.set('key', 'value')
    await two!.clear()
    expect([await one!.get('key'), await two!.get('key')]).toEqual(['value', undefined])
    await two!.set('key', 'again')
    await one!.clear()
    expect([await one!.get('key'), await two!.get('key')]).toEqual([undefined, 'again'])
  })

  it('lists every entry of its namespace once, while others are deleted', async () => {
    const database = await openTestDatabase()
    const keyv = keyvOver(database, 'a')
    await keyvOver(database, 'b').set('key', 'other')
    const keys = Array.from({ length: 250 }, (_, index) => `${index}`.padStart(3, '0'))
    for (const key of keys) await keyv.set(key, `value ${key}`)
    const seen: unknown[] = []
    for await (const [key, value] of keyv.iterator!(undefined)) {
      expect(value).toBe(`value ${key}`)
      seen.push(key)
      await keyv.delete(key)
    }
    expect(seen).toEqual(keys)
    expect(await entriesOf(keyv)).toEqual([])
  })
})

describe('an entry with a time to live', () => {
  it('is absent once it has passed, to readers and to the list', async () => {
    let nowMs = 1000
    const store = new SqliteKeyvStore(await openTestDatabase({ now: () => nowMs }))
    store.namespace = 'a'
    await store.set('a:key', 'value', 100)
    nowMs = 1099
    expect(await store.get('a:key')).toBe('value')
    nowMs = 1100
    expect(await store.get('a:key')).toBeUndefined()
    for await (const entry of store.iterator()) expect.fail(`${entry} has expired`)
  })

  it('goes from the disk with the next write', async () => {
    let nowMs = 0
    const database = await openTestDatabase({ now: () => nowMs })
    const store = new SqliteKeyvStore(database)
    store.namespace = 'a'
    await store.set('a:old', 'value', 100)
    nowMs = 100
    await store.set('a:new', 'value')
    expect(await database.read('be read', 'SELECT key FROM entries')).toMatchObject([{ key: 'a:new' }])
  })

  it('begins anew with each reading where the store is told so', async () => {
    let nowMs = 0
    const store = new SqliteKeyvStore(await openTestDatabase({ now: () => nowMs }), { renewOnRead: true })
    store.namespace = 'a'
    await store.set('a:key', 'value', 100)
    for (nowMs of [99, 198, 297]) expect(await store.get('a:key')).toBe('value')
    nowMs = 397
    expect(await store.get('a:key')).toBeUndefined()
  })
})

it('drops the entries that would expire soonest when there are too many, of its own namespace only', async () => {
  let nowMs = 0
  const database = await openTestDatabase({ now: () => nowMs })
  const other = new SqliteKeyvStore(database)
  other.namespace = 'b'
  await other.set('b:key', 'value', 50)
  const store = new SqliteKeyvStore(database, { maxEntries: 2, renewOnRead: true })
  store.namespace = 'a'
  await store.set('a:one', '1', 100)
  nowMs = 10
  await store.set('a:two', '2', 100)
  nowMs = 20
  await store.get('a:one')
  await store.set('a:three', '3', 100)
  expect([await store.get('a:one'), await store.get('a:two'), await store.get('a:three')]).toEqual([
    '1',
    undefined,
    '3',
  ])
  expect(await other.get('b:key')).toBe('value')
})
