// A bot in this process, engines in processes of their own, a real Redis between them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { RemoteAnswerer } from '../../../src/cluster/remote-answerer.ts'
import { Sealer } from '../../../src/cluster/sealed-text.ts'
import { RedisSharedOrder } from '../../../src/cluster/shared-line.ts'
import { Bot } from '../../../src/conversation/bot.ts'
import { localClip, locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { createLogger } from '../../../src/logger.ts'
import { ClusterChild } from '../../cluster/child.ts'
import { CLUSTER_SECRET, type EngineProcessSettings } from '../../cluster/process-settings.ts'
import { endOf } from '../../helpers/open-conversation.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
let server: RedisServer
let redis: RedisConnection
let answerer: RemoteAnswerer
let bot: Bot

function engine(changes: Partial<EngineProcessSettings> = {}): Promise<ClusterChild> {
  return ClusterChild.start('engine-process.ts', {
    redisUrl: server.url,
    capacity: 2,
    script: { firstMs: 200, followUpMs: 100 },
    times: { lifetimeMs: 900, jobTimes: { lockMs: 900, lookMs: 300 } },
    ...changes,
  })
}

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
  answerer = await RemoteAnswerer.join({
    redis,
    keys,
    locateClip: locateLocalClip,
    sealer: new Sealer(CLUSTER_SECRET),
    logger,
    maxWaiting: 100,
    maxOpenPerUser: 100,
  })
  bot = new Bot({
    answerer,
    store: new MemoryThreadStore(),
    logger,
    sharedOrder: new RedisSharedOrder(redis, keys, answerer.botId, logger),
    queue: { concurrency: Number.POSITIVE_INFINITY },
  })
})
afterAll(async () => {
  await answerer?.close()
  await redis?.close()
  await server?.stop()
})

describe('questions that engines answer', () => {
  it('are answered once and in order, also when an engine is killed in the middle', async () => {
    const engines = await Promise.all([engine(), engine()])
    const clips = [localClip('/clip.mp4', 'test')]
    const asked = Array.from({ length: 12 }, (_, index) => ({
      threadId: `test:${index % 4}`,
      number: Math.floor(index / 4) + 1,
    }))
    const replies = asked.map(({ threadId, number }, index) =>
      endOf(
        bot.ask({ id: `test:q${index}`, threadId, channelId: threadId, userId: threadId, text: `Q${number}?`, clips }),
      ),
    )
    await replies[0]
    await engines[0]!.end('SIGKILL')
    const texts = (await Promise.all(replies)).map(({ text }) => text)
    expect(texts).toEqual(asked.map(({ number }) => `As question ${number} I was asked: Q${number}?`))
    await engines[1]!.end('SIGTERM')
  }, 60_000)
})
