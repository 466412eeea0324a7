// Moderation by several: desks of bots without a model, engines that look, and a real Redis between them.
import { devNull } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { leadInTurn } from '../../../src/cluster/leadership.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { RedisModerationStore } from '../../../src/cluster/redis-moderation-store.ts'
import { readVerdicts } from '../../../src/commands/read-verdicts.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { createLogger } from '../../../src/logger.ts'
import { parsePolicy } from '../../../src/moderation/policy.ts'
import { Desk } from '../../../src/moderation/watch/desk.ts'
import type { RecordLook } from '../../../src/moderation/watch/look-at-record.ts'
import type { ClipRecord, LookedOutcome } from '../../../src/moderation/watch/store.ts'
import { ALERT, LOOKED, newClip } from '../../contract/moderation-store-contract.ts'
import { FakeModeratedPlatform, MODERATOR, SETTINGS, watchedPost } from '../../helpers/moderation-desk.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

const LIMIT = { timeout: 30_000, interval: 10 }
const DAY_MS = 24 * 60 * 60 * 1000
/** As short as a busy machine lets it be. */
const LIFETIME_MS = 600
const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
const { policy } = parsePolicy('rules:\n  - { name: knives, lookFor: [a knife] }\n', 'rules.yaml')
let server: RedisServer
let redis: RedisConnection
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
})
beforeEach(() => redis.client.flushall())
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
afterAll(async () => {
  await redis?.close()
  await server?.stop()
})

const KNIFE: LookedOutcome = {
  ...LOOKED,
  policyVersion: policy!.version,
  findings: [
    {
      rule: 'knives',
      level: 'alert',
      score: 0.9,
      isCalibrated: false,
      startSeconds: 0,
      endSeconds: 1,
      frameTimesSeconds: [0],
    },
  ],
}

/** What an engine finds in every clip. */
async function findKnife(): Promise<RecordLook> {
  return { outcome: KNIFE, alerts: [{ rule: 'knives', score: 0.9, picture: null }] }
}

interface BotOptions {
  readonly look?: (record: ClipRecord, signal: AbortSignal) => Promise<RecordLook>
  readonly isAble?: () => boolean
  readonly now?: () => number
}

/** A bot that leads in its turn. Its connection to Redis is its own, so that it can be cut off. */
async function openBot(memberId: string, { look = findKnife, isAble = () => true, now = Date.now }: BotOptions = {}) {
  const own = await RedisConnection.open({ url: server.url, logger, patienceMs: 1000 })
  const platform = new FakeModeratedPlatform()
  const desk = await Desk.open({
    policy: policy!,
    store: new RedisModerationStore(own, keys, 'pager'),
    look,
    platforms: [platform],
    settings: { ...SETTINGS, watch: [] },
    logger,
    now,
    tickMs: 20,
    pollMs: 20,
    serversAtOnce: 4,
  })
  const end = new AbortController()
  const leadership = { redis: own, keys, work: 'moderation:pager', memberId, isAble, logger, lifetimeMs: LIFETIME_MS }
  const running = Promise.all([
    desk.follow(end.signal),
    leadInTurn(leadership, (signal) => desk.run(signal), end.signal),
  ])
  const stop = async () => {
    end.abort()
    await running
    await own.close()
  }
  ends.push(stop)
  return { desk, platform, connection: own, stop }
}

async function leader(): Promise<string | null> {
  return await redis.client.get(keys.lead('moderation:pager'))
}

describe('bots that share a platform', () => {
  it('tell an alert once, of a clip that any of them was handed, and any of them closes it', async () => {
    const bots = [await openBot('one'), await openBot('two')]
    const [one, two] = bots as [(typeof bots)[number], (typeof bots)[number]]
    // What one was told, the other knows.
    await two.desk.command(MODERATOR, { name: 'watch', channelId: 'pager:2' })
    await vi.waitFor(() => expect(one.desk.isWatched(['pager:2'])).toBe(true), LIMIT)
    // Slack may deliver one post to both.
    const post = watchedPost('10', [join('/', 'clip.mp4')])
    await Promise.all(bots.map(({ desk }) => desk.take(post)))
    await two.desk.take(watchedPost('11', [join('/', 'clip.mp4')]))
    const posted = () => bots.flatMap(({ platform }) => platform.posted)
    await vi.waitFor(() => expect(posted()).toHaveLength(2), LIMIT)
    await sleep(100)
    expect(posted().map(({ key }) => key)).toEqual(['alert-1-10', 'alert-2-11'])
    const presses = await Promise.all(
      bots.map(({ desk }) => desk.press({ ...MODERATOR, alertId: 1, verb: 'dismiss' as const })),
    )
    expect(presses.filter(({ text }) => text === 'Done.')).toHaveLength(1)
    expect(bots.flatMap(({ platform }) => platform.replaced)).toHaveLength(1)
  })

  it('keep verdicts where `valley moderation replay` finds them in the role of a bot', async () => {
    const store = new RedisModerationStore(redis, keys, 'discord')
    await store.addClips([newClip('10')])
    await store.finish((await store.nextWaiting())!.id, LOOKED, [ALERT])
    await store.decide(1, 'confirmed', 'discord:8')
    const environment = {
      VALLEY_CONFIG: devNull,
      VALLEY_ROLE: 'bot',
      VALLEY_REDIS_URL: server.url,
      VALLEY_CLUSTER_KEY: 'a long random text that all of them share',
    }
    expect(await readVerdicts(loadConfig({ environment }))).toMatchObject([{ rule: 'knives', isPositive: true }])
  })

  it('write one digest for a day', async () => {
    let nowMs = Date.UTC(2026, 0, 2, 12)
    const bots = [await openBot('one', { now: () => nowMs }), await openBot('two', { now: () => nowMs })]
    await bots[0]!.desk.command(MODERATOR, { name: 'watch', channelId: 'pager:2' })
    const store = new RedisModerationStore(redis, keys, 'pager')
    await vi.waitFor(async () => expect(await store.digestEnd('pager:3')).not.toBeNull(), LIMIT)
    nowMs += DAY_MS
    const posted = () => bots.flatMap(({ platform }) => platform.posted)
    await vi.waitFor(() => expect(posted()).toHaveLength(1), LIMIT)
    await sleep(100)
    expect(posted()).toHaveLength(1)
  })
})

describe('the bot that leads', () => {
  it('has clips of several servers looked at together, and those of one server one after the other', async () => {
    const open: { readonly message: string; readonly end: () => void }[] = []
    const look = async ({ post }: ClipRecord) => {
      await new Promise<void>((resolve) => open.push({ message: post.messageId, end: resolve }))
      return { outcome: LOOKED, alerts: [] }
    }
    const { desk } = await openBot('one', { look })
    await desk.command(MODERATOR, { name: 'watch', channelId: 'pager:2' })
    for (const [message, groupId] of [
      ['10', 'pager:1'],
      ['11', 'pager:1'],
      ['12', 'pager:9'],
    ] as const) {
      await desk.take(watchedPost(message, [join('/', 'clip.mp4')], { groupId }))
    }
    await vi.waitFor(() => expect(open).toHaveLength(2), LIMIT)
    await sleep(100)
    expect(open.map(({ message }) => message)).toEqual(['10', '12'])
    open[0]!.end()
    await vi.waitFor(() => expect(open[2]?.message).toBe('11'), LIMIT)
    for (const { end } of open) end()
    await vi.waitFor(
      async () => expect(await new RedisModerationStore(redis, keys, 'pager').countWaiting()).toBe(0),
      LIMIT,
    )
  })

  it('is followed by another when it is lost in the middle of a look, and the alert is told once', async () => {
    const looking: string[] = []
    const never = (_: ClipRecord, signal: AbortSignal) => {
      looking.push('one')
      return new Promise<RecordLook>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const one = await openBot('one', { look: never })
    await vi.waitFor(async () => expect(await leader()).toBe('one'), LIMIT)
    const two = await openBot('two')
    await two.desk.command(MODERATOR, { name: 'watch', channelId: 'pager:2' })
    await two.desk.take(watchedPost('10', [join('/', 'clip.mp4')]))
    await vi.waitFor(() => expect(looking).toEqual(['one']), LIMIT)
    // As if its machine had lost the network.
    one.connection.client.disconnect()
    await vi.waitFor(() => expect(two.platform.posted).toHaveLength(1), LIMIT)
    expect(await leader()).toBe('two')
    expect(one.platform.posted).toEqual([])
    expect(await new RedisModerationStore(redis, keys, 'pager').countWaiting()).toBe(0)
  })

  it('gives way while its platform is not connected, and when it stops', async () => {
    let isConnected = true
    await openBot('one', { isAble: () => isConnected })
    await vi.waitFor(async () => expect(await leader()).toBe('one'), LIMIT)
    const two = await openBot('two')
    isConnected = false
    await vi.waitFor(async () => expect(await leader()).toBe('two'), LIMIT)
    isConnected = true
    await two.stop()
    await vi.waitFor(async () => expect(await leader()).toBe('one'), LIMIT)
  })
})
