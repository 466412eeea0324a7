import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../../src/storage/database.ts'
import { SqliteModerationStore } from '../../../src/storage/moderation-store.ts'
import { ALERT, LOOKED, moderationStoreContract, newClip } from '../../contract/moderation-store-contract.ts'
import { openTestDatabase } from './open-test-database.ts'

async function openStore(database?: Database) {
  const opened = database ?? (await openTestDatabase())
  return { database: opened, store: new SqliteModerationStore(opened) }
}

moderationStoreContract('SQLite', async () => (await openStore()).store)

describe('clips to look at', () => {
  it('are still there after a restart', async () => {
    const first = await openStore()
    await first.store.addClips([newClip('10'), newClip('11')])
    await first.store.finish((await first.store.nextWaiting())!.id, LOOKED, [ALERT])
    first.database.close()
    const { store } = await openStore(await openTestDatabase({ file: first.database.file }))
    expect((await store.nextWaiting())!.post.messageId).toBe('11')
    const [alert] = await store.unsentAlerts()
    expect(alert).toMatchObject({ rule: 'knives', score: 0.9, clip: { outcome: LOOKED }, verdict: null })
    expect(Buffer.from(alert!.picture!).toString()).toBe('a picture of frames')
  })
})

describe('looks that begin and do not end', () => {
  it('are counted, also over a restart, unless they were left on purpose', async () => {
    const first = await openStore()
    await first.store.addClips([newClip('10'), newClip('11')])
    const { id } = (await first.store.nextWaiting())!
    expect([await first.store.begin(id), await first.store.begin(id), await first.store.begin(id + 1)]).toEqual([
      1, 2, 1,
    ])
    first.database.close()
    const { store } = await openStore(await openTestDatabase({ file: first.database.file }))
    expect(await store.begin(id)).toBe(3)
    await store.leave(id)
    expect(await store.begin(id)).toBe(1)
    expect((await store.nextWaiting())!.id).toBe(id)
    await store.forget({ channelId: 'discord:2', messageIds: ['10'], why: 'messageDeleted' })
    expect(await store.begin(id)).toBe(0)
  })
})

describe('the disk', () => {
  it('keeps neither the picture of an alert that was decided nor the words of a clip that was forgotten', async () => {
    const { store, database } = await openStore()
    const isOnDisk = (text: string) => readFileSync(database.file).includes(text)
    const picture = Buffer.from(ALERT.picture).toString('base64')
    await store.addClips([newClip('10')])
    const { id } = (await store.nextWaiting())!
    await store.finish(id, { ...LOOKED, description: 'Secret words.' }, [ALERT])
    const [alert] = await store.unsentAlerts()
    await store.decide(alert!.id, 'confirmed', 'discord:8')
    expect(isOnDisk(picture)).toBe(false)
    await store.forget({ groupId: 'discord:1', why: 'recordsForgotten' })
    expect(isOnDisk('Secret words')).toBe(false)
  })

  it('keeps of a verdict about a deleted message nothing that tells whose it was', async () => {
    const { store, database } = await openStore()
    const [author, message] = ['discord:700000000000000007', '990000000000000099']
    await store.addClips([newClip(message, { authorId: author, postedAtMs: 1_788_220_812_345 })])
    await store.finish((await store.nextWaiting())!.id, { ...LOOKED, contentHash: 'f1f2f3f4f5f6' }, [ALERT])
    await store.alertSent(1, 'ref')
    await store.decide(1, 'confirmed', 'discord:8')
    await store.forget({ channelId: 'discord:2', messageIds: [message], why: 'messageDeleted' })
    const tables = ['moderation_anonymous_labels', 'moderation_labels', 'moderated_clips', 'moderation_alerts']
    const rows = await Promise.all(tables.map((table) => database.read('be read', `SELECT * FROM ${table}`)))
    expect(rows.slice(1)).toEqual([[], [], []])
    expect(rows[0]).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('812345')
    const file = readFileSync(database.file)
    for (const trace of [author, message, 'f1f2f3f4f5f6', 'A knife.']) expect(file.includes(trace)).toBe(false)
  })
})
