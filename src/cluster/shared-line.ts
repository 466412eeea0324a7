// The line of each thread in Redis, so that questions keep their order also when two bots took them. Whoever stands first
// and has died is taken out by those behind.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SharedOrder, SharedPlace } from '../conversation/shared-order.ts'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import { areAlive } from './membership.ts'
import type { RedisConnection } from './redis-connection.ts'

/** A line that nobody joins or leaves for so long is empty or forgotten. */
const KEPT_MS = 60 * 60 * 1000
/** Waiting is rare: within one bot its own queue lets one question of a thread in at a time. */
const FIRST_LOOK_MS = 25
const LONGEST_PAUSE_MS = 400
/** Between the bot and the number of a ticket. */
const OF = ' '

/** Keeps the order between bots. */
export class RedisSharedOrder implements SharedOrder {
  readonly #redis: RedisConnection
  readonly #keys: ClusterKeys
  readonly #botId: string
  readonly #logger: Logger

  constructor(redis: RedisConnection, keys: ClusterKeys, botId: string, logger: Logger) {
    this.#redis = redis
    this.#keys = keys
    this.#botId = botId
    this.#logger = logger
  }

  join(threadId: string): SharedPlace {
    const key = this.#keys.line(threadId)
    const ticket = `${this.#botId}${OF}${randomUUID()}`
    const joined = this.#redis.run('take a place in line', async (client) => {
      await client.pipeline().rpush(key, ticket).pexpire(key, KEPT_MS).exec()
    })
    joined.catch(() => {})
    return {
      ready: async (signal) => {
        await joined
        for (let pauseMs = FIRST_LOOK_MS; !(await this.#isFirst(key, ticket)); ) {
          await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
        }
      },
      release: async () => {
        try {
          await joined
          await this.#redis.client.lrem(key, 0, ticket)
        } catch (error) {
          this.#logger.warn({ err: error }, 'a place in line could not be given back; it ends with this process')
        }
      },
    }
  }

  async #isFirst(key: string, ticket: string): Promise<boolean> {
    const first = await this.#redis.run('tell whose turn it is', (client) => client.lindex(key, 0))
    if (first === ticket) return true
    // Redis has lost the line; whoever finds none stands in no one's way.
    if (first === null) return true
    if (!this.#redis.isSettled()) return false
    const [isAlive] = await areAlive(this.#redis, this.#keys, [botOf(first)])
    if (isAlive === false) await this.#redis.client.lrem(key, 0, first)
    return false
  }
}

/** The bots with a question in a thread's line, those that have died among them. @throws AppError REDIS_UNREACHABLE */
export async function botsInLine(redis: RedisConnection, keys: ClusterKeys, threadId: string): Promise<string[]> {
  const tickets = await redis.run('tell who is in line', (client) => client.lrange(keys.line(threadId), 0, -1))
  return [...new Set(tickets.map(botOf))]
}

function botOf(ticket: string): string {
  return ticket.split(OF)[0] ?? ''
}
