import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addAnswer, addClips, addQuestion, newThread, type Thread } from '../../../src/conversation/thread.ts'
import { createLogger } from '../../../src/logger.ts'
import type { Database } from '../../../src/storage/database.ts'
import { DurableThreadStore } from '../../../src/storage/durable-thread-store.ts'
import { SqliteKeyvStore } from '../../../src/storage/sqlite-keyv-store.ts'
import { threadStoreContract } from '../../contract/thread-store-contract.ts'
import { openTestDatabase } from './open-test-database.ts'

function storeOver(database: Database, { maxThreads = 100, idleMs = 1000, lines = [] as string[] } = {}) {
  const store = new SqliteKeyvStore(database, { renewOnRead: true, maxEntries: maxThreads })
  const logger = createLogger('info', { write: (line) => lines.push(line) })
  return new DurableThreadStore({ store, idleMs, logger })
}

function askedThread(id: string): Thread {
  const clip = { platform: 'terminal', handle: '/clip.mp4', name: 'Straße\u2028.mp4', bytes: 7 }
  const { thread, clipIds } = addClips(newThread(id, 'terminal:main'), [clip])
  return addAnswer(addQuestion(thread, 'Was ist "das"?\n☃ \u0000', clipIds), 'Ein Ball.')
}

threadStoreContract('durable', async () => storeOver(await openTestDatabase()))

describe('a durable thread store', () => {
  it('has what was saved after a restart', async () => {
    const database = await openTestDatabase()
    const thread = askedThread('discord:1:2')
    await storeOver(database).save(thread)
    database.close()
    expect(await storeOver(await openTestDatabase({ file: database.file })).load(thread.id)).toEqual(thread)
  })

  it('leaves no word of a forgotten thread on the disk', async () => {
    const database = await openTestDatabase()
    const store = storeOver(database)
    const thread = askedThread('discord:1:2')
    const long = {
      ...thread,
      turns: thread.turns.map((turn) => ({ ...turn, text: 'very private words '.repeat(500) })),
    }
    await store.save({ ...long, id: 'discord:3' })
    await store.save(long)
    await store.delete('discord:3')
    await store.delete(long.id)
    for (const file of readdirSync(dirname(database.file))) {
      expect(readFileSync(join(dirname(database.file), file), 'latin1')).not.toContain('private words')
    }
  })

  it('shows one process what another has saved', async () => {
    const database = await openTestDatabase()
    const other = storeOver(await openTestDatabase({ file: database.file }))
    const thread = askedThread('a')
    await storeOver(database).save(thread)
    expect(await other.load('a')).toEqual(thread)
    await other.delete('a')
    expect(await storeOver(database).load('a')).toBeNull()
  })

  it('forgets a thread that nobody used for the idle time, counted from its last use', async () => {
    let nowMs = 0
    const store = storeOver(await openTestDatabase({ now: () => nowMs }), { idleMs: 100 })
    await store.save(askedThread('a'))
    for (nowMs of [99, 198]) expect(await store.load('a')).not.toBeNull()
    nowMs = 298
    expect(await store.load('a')).toBeNull()
  })

  it('forgets the thread unused for longest when there are too many', async () => {
    let nowMs = 0
    const store = storeOver(await openTestDatabase({ now: () => nowMs }), { maxThreads: 2, idleMs: 100 })
    for (const id of ['a', 'b']) {
      nowMs += 10
      await store.save(askedThread(id))
    }
    nowMs += 10
    await store.load('a')
    await store.save(askedThread('c'))
    expect(await store.load('b')).toBeNull()
    expect(await store.load('a')).toEqual(askedThread('a'))
    expect(await store.load('c')).toEqual(askedThread('c'))
  })
})

describe('a stored thread that cannot be read', () => {
  const thread = askedThread('a')
  const { channelId: _channelId, ...withoutChannel } = thread

  it.each([
    ['is no JSON', '{"version":1,"id":"a"', 'not JSON'],
    ['is empty', '', 'not JSON'],
    ['is no object', '[]', 'not an object'],
    ['is null', 'null', 'not an object'],
    ['was written by another version', JSON.stringify({ ...thread, version: 99 }), 'version 99'],
    ['has no version', '{"id":"a","turns":[]}', 'version'],
    ['is another thread', JSON.stringify({ ...thread, id: 'b' }), 'another thread'],
    ['lacks its channel', JSON.stringify(withoutChannel), 'lacks parts'],
    ['has a clip without a handle', JSON.stringify({ ...thread, clips: [{ id: 'clip-1' }] }), 'lacks parts'],
    ['begins with an answer', JSON.stringify({ ...thread, turns: thread.turns.slice(1) }), 'lacks parts'],
    ['has a turn that is no turn', JSON.stringify({ ...thread, turns: [null] }), 'lacks parts'],
  ])('because it %s is reported, without its words, and counts as absent', async (_, text, reason) => {
    const database = await openTestDatabase()
    const lines: string[] = []
    const store = storeOver(database, { lines })
    await database.write('be prepared', (connection) =>
      connection.run("INSERT INTO entries VALUES ('threads:a', ?, NULL, NULL)", text),
    )
    expect(await store.load('a')).toBeNull()
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 40, thread: 'a', reason: expect.stringContaining(reason) })
    expect(lines[0]).not.toMatch(/Ball|☃/)
    await store.save(thread)
    expect(await store.load('a')).toEqual(thread)
  })
})
