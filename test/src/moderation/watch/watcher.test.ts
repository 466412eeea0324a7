import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { localClip } from '../../../../src/conversation/locate-clip.ts'
import { createLogger } from '../../../../src/logger.ts'
import { Watcher } from '../../../../src/moderation/watch/watcher.ts'
import { Database } from '../../../../src/storage/database.ts'
import { SqliteModerationStore } from '../../../../src/storage/moderation-store.ts'
import { MODERATORS, SETTINGS } from '../../../helpers/moderation-desk.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const DEADLOCK_LIMIT = { timeout: 60_000, interval: 10 }

it('looks at clips of several servers in turn, so that none waits for the many clips of another', async () => {
  const database = await Database.open({ file: join(temporaryFolder(), 'valley.db') })
  const store = new SqliteModerationStore(database)
  for (const [number, server] of ['a', 'a', 'a', 'b', 'a', 'c', 'b'].entries()) {
    const post = { groupId: server, channelId: `${server}:videos`, messageId: `${server}${number}`, authorId: 'ann' }
    await store.addClips([
      {
        post: { ...post, roleIds: [], postedAtMs: number },
        clip: localClip(`/clips/${number}.mp4`, 'pager'),
        reportTo: MODERATORS,
      },
    ])
  }
  const looked: string[] = []
  const watcher = new Watcher({
    store,
    look: async ({ post }) => {
      looked.push(post.messageId)
      const hashes = { contentHash: post.messageId, pictureHash: { digits: '', durationSeconds: 1 } }
      const found = { findings: [], notLookedAt: [], scores: {}, description: '' }
      return { outcome: { kind: 'looked', policyVersion: '1', model: 'tiny', ...hashes, ...found }, alerts: [] }
    },
    settings: SETTINGS,
    logger: createLogger('silent'),
    now: Date.now,
    onFinished: () => {},
  })
  const end = new AbortController()
  const ended = watcher.run(end.signal)
  await vi.waitFor(async () => expect(await store.countWaiting()).toBe(0), DEADLOCK_LIMIT)
  end.abort()
  await ended
  database.close()
  expect(looked).toEqual(['a0', 'b3', 'c5', 'a1', 'b6', 'a2', 'a4'])
})
