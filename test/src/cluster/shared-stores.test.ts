// What bots share in Redis: threads, taken events, accepted questions, the line of a thread.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EngineMember } from '../../../src/cluster/engine-member.ts'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { SignOfLife } from '../../../src/cluster/membership.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { RedisEventClaims } from '../../../src/cluster/redis-event-claims.ts'
import { RedisKeyvStore } from '../../../src/cluster/redis-keyv-store.ts'
import { RedisModerationStore } from '../../../src/cluster/redis-moderation-store.ts'
import { RedisQuestionLedger } from '../../../src/cluster/redis-question-ledger.ts'
import { RedisSharedQuestions } from '../../../src/cluster/redis-shared-questions.ts'
import { RemoteAnswerer } from '../../../src/cluster/remote-answerer.ts'
import { Sealer } from '../../../src/cluster/sealed-text.ts'
import { RedisSharedOrder } from '../../../src/cluster/shared-line.ts'
import { locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { newThread } from '../../../src/conversation/thread.ts'
import { createLogger } from '../../../src/logger.ts'
import { DurableThreadStore } from '../../../src/storage/durable-thread-store.ts'
import { moderationStoreContract } from '../../contract/moderation-store-contract.ts'
import { threadStoreContract } from '../../contract/thread-store-contract.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

const HOUR_MS = 3_600_000
const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
let server: RedisServer
let redis: RedisConnection
const stores: RedisKeyvStore[] = []

function threadsOf(idleMs: number): DurableThreadStore {
  const store = new RedisKeyvStore({ url: server.url, prefix: 'valley', idleMs })
  stores.push(store)
  return new DurableThreadStore({ store, idleMs, logger })
}

const signs: SignOfLife[] = []

/** A bot that lives until the test ends, with its ledger. */
async function bot(id: string) {
  const sign = await SignOfLife.begin(redis, keys, id, logger)
  signs.push(sign)
  return { sign, ledger: new RedisQuestionLedger(redis, keys, id, logger) }
}

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
})
beforeEach(() => redis.client.flushall())
afterEach(() => Promise.all(signs.splice(0).map((sign) => sign.end())))
afterAll(async () => {
  await Promise.all(stores.map((store) => store.disconnect()))
  await redis?.close()
  await server?.stop()
})

threadStoreContract('shared', async () => threadsOf(HOUR_MS))
moderationStoreContract('shared', async () => new RedisModerationStore(redis, keys, 'discord'))

describe('a thread in Redis', () => {
  it('lives on as long as it is read, and stands under the prefix', async () => {
    const threads = threadsOf(2000)
    await threads.save(newThread('stage:1', 'channel'))
    const [key] = await redis.client.keys('*')
    expect(key).toBe('valley:threads:stage:1')
    await redis.client.pexpire(key!, 1000)
    await threads.load('stage:1')
    expect(await redis.client.pttl(key!)).toBeGreaterThan(1000)
  })
})

describe('an event', () => {
  it('is taken once among all bots, under any of its names, until it is given back', async () => {
    const events = new RedisEventClaims(redis, keys)
    expect(await events.claim('slack:event:1', 'slack:post:1')).toBe(true)
    expect(await new RedisEventClaims(redis, keys).claim('slack:post:1', 'slack:event:2')).toBe(false)
    expect(await events.claim('slack:event:2'), 'nothing is taken by a claim that failed').toBe(true)
    await events.release('slack:event:1', 'slack:post:1')
    expect(await events.claim('slack:post:1')).toBe(true)
  })
})

describe('an accepted question', () => {
  it('is taken by one bot of all who try, and by none once its answer stands', async () => {
    const [one, other] = [await bot('one'), await bot('other')]
    await one.ledger.accept('stage:1', '{"at":1}')
    const taken = await Promise.all([one.ledger.begin('stage:1'), other.ledger.begin('stage:1')])
    expect(taken.filter((found) => found !== null)).toEqual([{ id: 'stage:1', source: '{"at":1}', replies: [] }])
    expect(await other.ledger.waiting('stage')).toEqual([])
    await one.ledger.settle('stage:1')
    await one.ledger.accept('stage:1', 'again')
    expect(await other.ledger.begin('stage:1')).toBeNull()
    expect(await redis.client.hget(keys.question('stage:1'), 'source'), 'what people wrote is gone').toBe('')
  })

  it('of a bot that has died goes to another, with the messages of its reply', async () => {
    const [one, other] = [await bot('one'), await bot('other')]
    await one.ledger.accept('stage:2', 'later')
    await one.ledger.accept('stage:1', 'words')
    await one.ledger.begin('stage:1')
    for (const reply of ['a', 'b', 'a']) await one.ledger.noteReply('stage:1', reply)
    expect(await other.ledger.waiting('stage')).toEqual(['stage:2'])
    await one.sign.end()
    expect(await other.ledger.waiting('stage')).toEqual(['stage:2', 'stage:1'])
    expect(await other.ledger.begin('stage:1')).toEqual({ id: 'stage:1', source: 'words', replies: ['a', 'b'] })
  })

  it('is told to be given up when it has ended three bots, and is not taken again', async () => {
    const ledger = (await bot('last')).ledger
    await ledger.accept('stage:1', 'words')
    for (const id of ['one', 'two', 'three']) {
      const { ledger: its, sign } = await bot(id)
      expect(await its.begin('stage:1')).not.toBeNull()
      await sign.end()
    }
    const fourth = await bot('four')
    expect(await fourth.ledger.begin('stage:1')).toEqual({
      id: 'stage:1',
      source: 'words',
      replies: [],
      isGivenUp: true,
    })
    await fourth.sign.end()
    expect(await ledger.begin('stage:1')).toBeNull()
    expect(await ledger.waiting('stage')).toEqual([])
  })

  it('of a bot that stops in order waits for the next one and does not count as tried', async () => {
    const [one, other] = [await bot('one'), await bot('other')]
    await one.ledger.accept('stage:1', 'words')
    await one.ledger.begin('stage:1')
    await one.ledger.close()
    expect(await other.ledger.waiting('stage')).toEqual(['stage:1'])
    expect(await redis.client.hget(keys.question('stage:1'), 'runs')).toBe('0')
  })

  it('that could not be answered waits a while before it is taken again', async () => {
    const { ledger } = await bot('one')
    await ledger.accept('stage:1', 'words')
    await ledger.begin('stage:1')
    await ledger.putBack('stage:1')
    expect(await ledger.waiting('stage')).toEqual([])
    const [seconds] = await redis.client.time()
    const free = Number(await redis.client.hget(keys.question('stage:1'), 'free'))
    expect(free / 1000 - Number(seconds)).toBeCloseTo(10, -1)
  })
})

describe('questions of a thread', () => {
  it('wait for those that other bots took before, and not for those of a bot that has died', async () => {
    const [, two] = await Promise.all(['one', 'two', 'three'].map(async (id) => (await bot(id)).sign))
    const [first, , third] = ['one', 'two', 'three'].map((id) =>
      new RedisSharedOrder(redis, keys, id, logger).join('stage:t'),
    )
    await first!.ready()
    let isThird = false
    const waiting = third!.ready().then(() => {
      isThird = true
    })
    await two!.end()
    await sleep(50)
    expect(isThird).toBe(false)
    await first!.release()
    await waiting
    await third!.release()
    expect(await redis.client.exists(keys.line('stage:t'))).toBe(0)
  })
})

describe('a question that a bot answers', () => {
  const heldBy = (id: string) => new RedisSharedQuestions(redis, keys, id, logger)
  const names = ['stage:1', 'stage:post:1']
  const held = { names, userId: 'ann', stop: () => {} }

  it('is found by others under each of its names, until it ends or its bot dies', async () => {
    const [{ sign }, one, other] = [await bot('one'), heldBy('one'), heldBy('other')]
    const release = one.hold(held)
    for (const name of names) expect(await other.find(name), name).toMatchObject({ userId: 'ann' })
    expect(await one.find('stage:1')).toBeNull()
    release()
    for (const name of names) expect(await other.find(name), name).toBeNull()
    one.hold(held)
    expect(await other.find('stage:1')).not.toBeNull()
    await sign.end()
    expect(await other.find('stage:1')).toBeNull()
  })

  it('makes its thread one that is answered in, as long as its bot lives', async () => {
    const [{ sign }, other] = [await bot('one'), heldBy('other')]
    expect(await other.isAnsweredIn('stage:t')).toBe(false)
    await new RedisSharedOrder(redis, keys, 'one', logger).join('stage:t').ready()
    expect(await other.isAnsweredIn('stage:t')).toBe(true)
    await sign.end()
    expect(await other.isAnsweredIn('stage:t')).toBe(false)
  })
})

describe('an engine', () => {
  it('does not join engines that have another model, and a bot not those that speak otherwise', async () => {
    const sealer = new Sealer('a long random text that all of them share')
    const facts = { version: '1', model: 'one', modelHash: 'a', capacity: 1 }
    const engine = () => new EngineMember({ redis, keys, sealer, logger })
    const first = engine()
    await first.join(new FakeAnswerer(), facts)
    const others = [engine(), engine()]
    const joining = { ...facts, model: 'two' }
    await expect(others[0]!.join(new FakeAnswerer(), joining)).rejects.toMatchObject({ code: 'ENGINES_DIFFER' })
    const changed = { ...facts, modelHash: 'b' }
    await expect(others[1]!.join(new FakeAnswerer(), changed)).rejects.toMatchObject({ code: 'ENGINES_DIFFER' })
    const record = JSON.stringify({ ...facts, engineId: first.engineId, wire: 99 })
    await redis.client.hset(keys.engines, first.engineId, record)
    const joined = RemoteAnswerer.join({
      redis,
      keys,
      locateClip: locateLocalClip,
      sealer,
      logger,
      maxWaiting: 1,
      maxOpenPerUser: 1,
    })
    await expect(joined).rejects.toMatchObject({ code: 'ENGINES_DIFFER' })
    await Promise.all([first, ...others].map((one) => one.leave(0)))
  })
})

describe('Redis that crashes and comes back', () => {
  it('makes threads and questions wait and loses none', async () => {
    const threads = threadsOf(HOUR_MS)
    const { ledger } = await bot('one')
    const ids = Array.from({ length: 300 }, (_, index) => `stage:${index}`)
    const begun = ids.map(async (id) => {
      await threads.save(newThread(id, 'channel'))
      await ledger.accept(id, 'words')
      return { thread: await threads.load(id), question: await ledger.begin(id) }
    })
    await sleep(20)
    await server.restart('SIGKILL', 100)
    const found = await Promise.all(begun)
    expect(found.filter(({ thread, question }) => thread === null || question === null)).toEqual([])
  })
})

describe('Redis that is not there', () => {
  it('is told in one line, without the password', async () => {
    const opening = RedisConnection.open({ url: 'redis://:hush@127.0.0.1:1', logger })
    await expect(opening).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringMatching(
        /^Redis at 127\.0\.0\.1:1 could not be reached \(.*ECONNREFUSED.*VALLEY_REDIS_URL\.$/,
      ),
    })
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('hush') })
  })

  it('is told apart from Redis that refuses the password', async () => {
    await redis.client.config('SET', 'requirepass', 'open sesame')
    try {
      const opening = RedisConnection.open({ url: server.url.replace('//', '//:hush@'), logger })
      await expect(opening).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(/WRONGPASS.*VALLEY_REDIS_URL\.$/),
      })
    } finally {
      await redis.client.config('SET', 'requirepass', '')
    }
  })
})
