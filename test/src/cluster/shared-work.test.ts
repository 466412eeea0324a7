// Work that several do: here the questions of a dataset, asked by workers that live in this process, on a real Redis.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { type Doer, type Doing, doSharedWork, type Giving, WorkGiver } from '../../../src/cluster/shared-work.ts'
import { AppError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logger.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
const TIMES = { lockMs: 400, lookMs: 150 }
let server: RedisServer
let redis: RedisConnection
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
})
beforeEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await redis.client.flushall()
})
afterAll(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await redis?.close()
  await server?.stop()
})

async function giver(giving: Giving = {}) {
  const opened = await WorkGiver.open<number, string>({ redis, keys, name: 'count', logger }, giving)
  ends.push(() => opened.close())
  return opened
}

function doer(work: Doing<number, string>['work'], concurrency = 2): Doer {
  const opened = doSharedWork({ redis, keys, name: 'count', logger }, { concurrency, work, times: TIMES })
  ends.push(() => opened.close())
  return opened
}

describe('work that is given', () => {
  it('is done by all who do such work, once each, and comes back to who gave it', async () => {
    const given = await giver()
    const done: Record<string, number[]> = { a: [], b: [] }
    for (const name of ['a', 'b']) {
      doer(async (task) => {
        done[name]!.push(task)
        await new Promise((resolve) => setTimeout(resolve, 10))
        return `${task}!`
      })
    }
    const tasks = Array.from({ length: 40 }, (_, task) => task)
    expect(await Promise.all(tasks.map((task) => given.give(task)))).toEqual(tasks.map((task) => `${task}!`))
    expect([...done.a!, ...done.b!].toSorted((x, y) => x - y)).toEqual(tasks)
    expect(Math.min(done.a!.length, done.b!.length)).toBeGreaterThan(0)
    // Nothing of it stays, once the queue has heard of its end too.
    const left = async () => (await redis.client.keys('*')).filter((key) => /outcomes|:count:[0-9a-f-]{36}/.test(key))
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000 })
  })

  it('waits for somebody to come', async () => {
    const given = await giver()
    const answer = given.give(1)
    doer(async (task) => `${task}`)
    expect(await answer).toBe('1')
  })

  it('is done by another when it fails in a way that may pass, and ends with what it fails by for good', async () => {
    const given = await giver()
    let tries = 0
    doer(async (task) => {
      tries += 1
      const retryable = task === 1 && tries < 3
      if (task === 1 && !retryable) return 'at last'
      throw new AppError('GENERATOR_REFUSED', 'No.', { details: { status: 401 }, retryable })
    })
    expect(await given.give(1)).toBe('at last')
    expect(tries).toBe(3)
    await expect(given.give(2)).rejects.toMatchObject({ code: 'GENERATOR_REFUSED', details: { status: 401 } })
    expect(tries).toBe(4)
  })

  it('is done by another when whoever does it is lost', async () => {
    const own = await RedisConnection.open({ url: server.url, logger, patienceMs: 500 })
    let isBegun = false
    let end = () => {}
    const never = new Promise<string>((resolve) => {
      end = () => resolve('too late')
    })
    const lost = doSharedWork<number, string>(
      { redis: own, keys, name: 'count', logger },
      {
        concurrency: 1,
        times: TIMES,
        work: () => {
          isBegun = true
          return never
        },
      },
    )
    const given = await giver()
    const answer = given.give(1)
    await vi.waitFor(() => expect(isBegun).toBe(true), { timeout: 20_000 })
    // As if its machine had lost the network.
    own.client.disconnect()
    doer(async (task) => `${task}`)
    expect(await answer).toBe('1')
    end()
    await Promise.all([own.close(), lost.close().catch(() => {})])
  })

  it('keeps nobody who wants to end while Redis is away', async () => {
    const other = await RedisServer.start()
    const connection = await RedisConnection.open({ url: other.url, logger })
    const waiting = doSharedWork<number, string>(
      { redis: connection, keys, name: 'count', logger },
      { concurrency: 1, work: async (task) => `${task}` },
    )
    const stop = new AbortController()
    const place = { redis: connection, keys, name: 'other', logger }
    const giving = await WorkGiver.open<number, string>(place, { signal: stop.signal })
    const given = giving.give(1)
    await other.stop()
    await expect.poll(() => connection.isConnected()).toBe(false)
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await giving.close()
    await waiting.close()
    await connection.close()
  })

  it('is given anew when Redis has forgotten it', async () => {
    const given = await giver({ lookMs: 50 })
    const answer = given.give(1)
    await redis.client.flushall()
    // Whoever does it is asked only after it was forgotten.
    doer(async (task) => `${task}`)
    expect(await answer).toBe('1')
  })

  it('goes on for the others when one of them is not wanted any more', async () => {
    const given = await giver()
    const unwanted = new AbortController()
    const dropped = given.give(1, unwanted.signal)
    const wanted = given.give(2)
    dropped.catch(() => {})
    unwanted.abort(new Error('the message is gone'))
    await expect(dropped).rejects.toThrow('the message is gone')
    doer(async (task) => `${task}`)
    expect(await wanted).toBe('2')
  })

  it('is not done for somebody who is gone, nor what was taken back', async () => {
    const stop = new AbortController()
    const unwanted = (await giver({ signal: stop.signal })).give(1)
    const lost = (await giver()).give(2)
    lost.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort(new Error('enough'))
    await expect(unwanted).rejects.toThrow('enough')
    // As if its process had been killed: nothing is taken back, and no sign of life is given.
    for (const key of await redis.client.keys('valley:alive:*')) await redis.client.del(key)
    const done: number[] = []
    const given = await giver()
    doer(async (task) => {
      done.push(task)
      return `${task}`
    }, 1)
    expect(await given.give(3)).toBe('3')
    expect(done).toEqual([3])
  })
})
