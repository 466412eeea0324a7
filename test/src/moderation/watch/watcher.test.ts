import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { localClip } from '../../../../src/conversation/locate-clip.ts'
import { createLogger } from '../../../../src/logger.ts'
import { Watcher, type WatcherOptions } from '../../../../src/moderation/watch/watcher.ts'
import { Database } from '../../../../src/storage/database.ts'
import { SqliteModerationStore } from '../../../../src/storage/moderation-store.ts'
import { MODERATORS, SETTINGS } from '../../../helpers/moderation-desk.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const DEADLOCK_LIMIT = { timeout: 60_000, interval: 10 }

/** Servers by the messages in them, in the order in which they came. */
async function storeOf(servers: readonly string[], authorId = 'ann') {
  const database = await Database.open({ file: join(temporaryFolder(), 'valley.db') })
  onTestFinished(() => database.close())
  const store = new SqliteModerationStore(database)
  for (const [number, server] of servers.entries()) {
    const post = { groupId: server, channelId: `${server}:videos`, messageId: `${server}${number}`, authorId }
    await store.addClips([
      {
        post: { ...post, roleIds: [], postedAtMs: number },
        clip: localClip(`/clips/${number}.mp4`, 'pager'),
        reportTo: MODERATORS,
      },
    ])
  }
  return store
}

/** A watcher whose looks find nothing. */
function watcherOf(store: SqliteModerationStore, options: Partial<WatcherOptions> = {}) {
  const looked: string[] = []
  const log: Record<string, unknown>[] = []
  const watcher = new Watcher({
    store,
    ledger: store,
    look: async ({ post }, _, begins) => {
      await begins()
      looked.push(post.messageId)
      const hashes = { contentHash: post.messageId, pictureHash: { digits: '', durationSeconds: 1 } }
      const found = { findings: [], notLookedAt: [], scores: {}, description: '' }
      return { outcome: { kind: 'looked', policyVersion: '1', model: 'tiny', ...hashes, ...found }, alerts: [] }
    },
    settings: SETTINGS,
    logger: createLogger('info', { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
    now: Date.now,
    onFinished: () => {},
    ...options,
  })
  const runUntil = async (isDone: () => Promise<boolean> | boolean) => {
    const end = new AbortController()
    const ended = watcher.run(end.signal)
    await vi.waitFor(async () => expect(await isDone()).toBe(true), DEADLOCK_LIMIT)
    end.abort()
    await ended
  }
  return { looked, log, runUntil, untilNoneWaits: () => runUntil(async () => (await store.countWaiting()) === 0) }
}

it('looks at clips of several servers in turn, so that none waits for the many clips of another', async () => {
  const { looked, untilNoneWaits } = watcherOf(await storeOf(['a', 'a', 'a', 'b', 'a', 'c', 'b']))
  await untilNoneWaits()
  expect(looked).toEqual(['a0', 'b3', 'c5', 'a1', 'b6', 'a2', 'a4'])
})

it('looks at so many clips of one person a day, so that nobody uses up the day of all', async () => {
  const store = await storeOf(['a', 'a', 'a'])
  const { looked, untilNoneWaits } = watcherOf(store, { settings: { ...SETTINGS, maxClipsPerPersonPerDay: 2 } })
  await untilNoneWaits()
  expect(looked).toEqual(['a0', 'a1'])
  expect((await store.clip(3))!.outcome).toMatchObject({ kind: 'capped', of: 'person' })
})

it('gives a clip up at which the process ended three times, and looks at the next', async () => {
  const store = await storeOf(['a', 'a'])
  // What a process leaves behind that ends in the middle of a look.
  for (let crash = 0; crash < 3; crash++) await store.begin(1)
  const { looked, log, untilNoneWaits } = watcherOf(store)
  await untilNoneWaits()
  expect(looked).toEqual(['a1'])
  expect((await store.clip(1))!.outcome).toMatchObject({ kind: 'failed', code: 'INFERENCE_FAILED' })
  expect(log[0]).toMatchObject({ channel: 'a:videos', message: 'a0', looks: 3 })
})

it('gives no clip up at which it was stopped, however often', async () => {
  const store = await storeOf(['a'])
  for (let stop = 0; stop < 5; stop++) {
    let isLooking = false
    const look: WatcherOptions['look'] = async (_, signal, begins) => {
      await begins()
      isLooking = true
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    await watcherOf(store, { look }).runUntil(() => isLooking)
  }
  const { looked, untilNoneWaits } = watcherOf(store)
  await untilNoneWaits()
  expect(looked).toEqual(['a0'])
})
