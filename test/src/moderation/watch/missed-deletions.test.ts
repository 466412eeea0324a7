// What was deleted while nobody listened: a desk over a real database, and a platform that says what is still there.
import { expect, it, vi } from 'vitest'
import type { NewClip } from '../../../../src/moderation/watch/store.ts'
import {
  MODERATOR,
  MODERATORS,
  SERVER,
  textOf,
  useDesk,
  VIDEOS,
  watchedPost,
} from '../../../helpers/moderation-desk.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
const KNIVES = 'rules:\n  - { name: knives, lookFor: [a knife] }\n'
const LOOKED = {
  kind: 'looked',
  contentHash: 'abc',
  pictureHash: { digits: '00', durationSeconds: 1 },
  policyVersion: 'v1',
  model: 'double',
  findings: [],
  notLookedAt: [],
  scores: { knives: 0.9 },
  description: 'A knife.',
} as const

async function open() {
  const moderation = useDesk({
    rules: KNIVES,
    settings: { watch: [], digest: 'off' },
    // Posts with a 1 at their end are alerts.
    options: {
      askPauseMs: 0,
      look: async ({ post }) => ({
        outcome: LOOKED,
        alerts: post.messageId.endsWith('1') ? [{ rule: 'knives', score: 0.9, picture: null }] : [],
      }),
    },
  })
  const opened = await moderation.open()
  return { ...opened, log: moderation.log }
}

/** A clip in a post of its own, the later in the list the newer. */
function clipsOf(messageIds: readonly string[], changes: Partial<NewClip['post']> = {}): NewClip[] {
  return messageIds.map((messageId, index) => {
    const { clips, ...post } = watchedPost(messageId, ['/clip.mp4'], { postedAtMs: Date.now() + index, ...changes })
    return { post, clip: clips[0]!, reportTo: MODERATORS }
  })
}

it('posts, channels and servers that are gone take records and alerts along; open alerts are asked for first', async () => {
  const { desk, store, platform } = await open()
  await desk.command({ ...MODERATOR, groupId: 'pager:9' }, { name: 'watch', channelId: 'pager:92' })
  await desk.command(MODERATOR, { name: 'watch', channelId: VIDEOS })
  await store.addClips(clipsOf(['11', '12', '13']))
  await store.addClips(clipsOf(['14'], { channelId: 'pager:5' }))
  await desk.take(watchedPost('20', ['/clip.mp4'], { postedAtMs: Date.now() + 1000 }))
  await vi.waitFor(async () => expect(await store.countWaiting()).toBe(0), LIMIT)
  await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), LIMIT)
  for (const id of ['11', '13', 'pager:5', 'pager:9']) platform.presence.set(id, 'gone')
  await desk.listensAgain('pager')
  expect(platform.asked.slice(0, 4).sort(), 'no channel of a server that is gone').toEqual(
    [SERVER, VIDEOS, 'pager:5', 'pager:9'].sort(),
  )
  expect(platform.asked.slice(4)).toEqual(['11', '20', '13', '12'])
  expect((await store.watched()).map(({ channelId }) => channelId)).toEqual([VIDEOS])
  const left = await store.clipsReported(MODERATORS, { startMs: 0, endMs: Number.MAX_SAFE_INTEGER })
  expect(left.map(({ post }) => post.messageId).sort()).toEqual(['12', '20'])
  expect(platform.replaced.map(({ notice }) => textOf(notice).split('\n')[1])).toEqual([
    'The message was deleted, and what I kept of it.',
  ])
})

it('a platform that does not tell keeps everything, and is not asked on; nor is a channel that it may not read', async () => {
  const { desk, store, platform, log } = await open()
  await store.addClips(clipsOf(['40', '41']))
  const channels = Array.from({ length: 8 }, (_, index) => `pager:7${index}`)
  for (const [index, channelId] of channels.entries()) await store.addClips(clipsOf([`${30 + index}`], { channelId }))
  for (const id of ['40', '41']) platform.presence.set(id, 'unknown')
  await desk.listensAgain('pager')
  expect(
    platform.asked.filter((id) => id === '40' || id === '41'),
    'one stands for its channel',
  ).toHaveLength(1)
  const ids = [SERVER, VIDEOS, ...channels, ...channels.map((_, index) => `${30 + index}`)]
  for (const id of ids) platform.presence.set(id, 'unknown')
  platform.asked.length = 0
  // A connection that comes and goes has it asked once.
  await Promise.all([1, 2, 3].map(() => desk.listensAgain('pager')))
  expect(platform.asked, '5 places and 5 posts').toHaveLength(10)
  expect(await store.clipsReported(MODERATORS, { startMs: 0, endMs: Number.MAX_SAFE_INTEGER })).toHaveLength(10)
  expect(log.filter(({ msg }) => msg === 'asked for what was deleted meanwhile')).toHaveLength(2)
})
