import { devNull } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkRedis } from '../../../src/commands/doctor-redis.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.stop())

function look(variables: Record<string, string>) {
  const environment = { VALLEY_CONFIG: devNull, VALLEY_CLUSTER_KEY: 'x'.repeat(32), ...variables }
  return checkRedis(loadConfig({ environment }))
}

describe('valley doctor', () => {
  it('tells whether Redis answers and which engines are there', async () => {
    const url = { VALLEY_ROLE: 'bot', VALLEY_REDIS_URL: server.url }
    expect(await look(url)).toMatchObject([
      { state: 'ok', seen: expect.stringMatching(/^answers at 127.*; no engine/) },
    ])
    const record = { engineId: 'e', version: '1', wire: 1, model: 'm', modelHash: 'h', capacity: 1 }
    await server.ask('HSET', 'valley:engines', 'e', JSON.stringify(record))
    await server.ask('SET', 'valley:alive:e', '1')
    expect(await look(url)).toMatchObject([{ seen: expect.stringMatching(/; 1 engine with m$/) }])
    const away = await look({ VALLEY_REDIS_URL: 'redis://127.0.0.1:1' })
    expect(away).toMatchObject([{ state: 'problem', seen: expect.stringContaining('REDIS_UNREACHABLE') }])
  })

  it('says nothing of Redis where it is not used, and what is missing where it is', async () => {
    expect(await look({})).toEqual([])
    const missing = await look({ VALLEY_ROLE: 'engine' })
    expect(missing).toMatchObject([{ state: 'problem', remedy: expect.stringContaining('VALLEY_REDIS_URL') }])
  })
})
