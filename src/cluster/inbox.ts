// How bots and engines tell each other things: each has an inbox, a stream in Redis that only it reads. What is in there
// survives a lost connection and a restart of Redis.
import type { Redis } from 'ioredis'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import type { ClusterMessage } from './wire.ts'

/** Messages read at once. */
const BATCH = 500
/** A read that finds nothing ends so often, which also tells a dead connection from a quiet one. */
const BLOCK_MS = 5000
/** How long an inbox stays that nobody reads: its owner has gone. */
const UNREAD_KEPT_MS = 10 * 60 * 1000
const PAUSE_AFTER_FAILURE_MS = 500

/** Puts a message into somebody's inbox. @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED */
export async function post(
  redis: RedisConnection,
  keys: ClusterKeys,
  memberId: string,
  message: ClusterMessage,
): Promise<void> {
  const key = keys.inbox(memberId)
  await redis.run('take a message', async (client) => {
    const results = await client
      .pipeline()
      .xadd(key, '*', 'm', JSON.stringify(message))
      .pexpire(key, UNREAD_KEPT_MS)
      .exec()
    for (const [error] of results ?? []) if (error !== null) throw error
  })
}

/** One's own inbox. */
export class Inbox {
  readonly #key: string
  readonly #reader: Redis
  readonly #redis: RedisConnection
  readonly #logger: Logger
  #isClosed = false
  #reading: Promise<void> = Promise.resolve()

  constructor(redis: RedisConnection, keys: ClusterKeys, memberId: string, logger: Logger) {
    this.#redis = redis
    this.#key = keys.inbox(memberId)
    this.#logger = logger
    this.#reader = redis.duplicate()
  }

  /** Hands each message on, in the order they were posted, until close(). */
  open(take: (message: ClusterMessage) => void): void {
    this.#reading = this.#read(take)
  }

  /** Reads no more, and leaves nothing behind. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#reader.disconnect()
    await this.#reading
    if (this.#redis.isConnected()) await this.#redis.client.del(this.#key).catch(() => {})
  }

  async #read(take: (message: ClusterMessage) => void): Promise<void> {
    let last = '0'
    while (!this.#isClosed) {
      try {
        const found = await this.#reader.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', this.#key, last)
        for (const [id, fields] of found?.[0]?.[1] ?? []) {
          last = id
          this.#hand(fields[1] ?? '', take)
        }
        // What was read is not needed any more.
        if (found !== null) void this.#redis.client.xtrim(this.#key, 'MINID', after(last)).catch(() => {})
      } catch (error) {
        if (this.#isClosed) return
        this.#logger.debug({ err: error }, 'an inbox could not be read; it is tried again')
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS).unref())
      }
    }
  }

  #hand(text: string, take: (message: ClusterMessage) => void): void {
    try {
      take(JSON.parse(text) as ClusterMessage)
    } catch (error) {
      this.#logger.error({ err: error }, 'a message of another process could not be understood')
    }
  }
}

/** The first id that comes after one. */
function after(id: string): string {
  const [ms, number] = id.split('-')
  return `${ms}-${Number(number) + 1}`
}
