// Who is there: every bot and every engine says so again and again, and counts as gone when it has not for a while.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'

/** Three signs of life fit in, so that one that comes late does not end anybody. */
const DEFAULT_LIFETIME_MS = 9000
const SIGNS_A_LIFETIME = 3

/** What an engine says of itself. */
export interface EngineRecord {
  readonly engineId: string
  /** Version of the program. */
  readonly version: string
  /** Of the messages it understands. */
  readonly wire: number
  /** Name of the model package. */
  readonly model: string
  /** Hash of the package's manifest, so that two packages of one name are told apart. */
  readonly modelHash: string
  /** Questions that it answers at a time. */
  readonly capacity: number
}

/** An engine that lives. */
export interface LivingEngine extends EngineRecord {
  /** Questions that it answers now. */
  readonly running: number
}

/** True when an engine would begin with a question at once. */
export function isFree({ running, capacity }: LivingEngine): boolean {
  return running < capacity
}

/** A name that no other process has, today or later. */
export function newMemberId(role: 'bot' | 'engine'): string {
  return `${role}-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
}

/** Says again and again that this process is there. */
export class SignOfLife {
  readonly #redis: RedisConnection
  readonly #key: string
  readonly #lifetimeMs: number
  readonly #timer: NodeJS.Timeout
  readonly #sayAgain: () => void

  private constructor(redis: RedisConnection, key: string, lifetimeMs: number, logger: Logger) {
    this.#redis = redis
    this.#key = key
    this.#lifetimeMs = lifetimeMs
    this.#sayAgain = () => {
      // While Redis is away nobody could read it, and what waits in line would be old news.
      if (!redis.isConnected()) return
      this.#sign().catch((error: unknown) => logger.warn({ err: error }, 'a sign of life was not taken'))
    }
    this.#timer = setInterval(this.#sayAgain, lifetimeMs / SIGNS_A_LIFETIME).unref()
    redis.client.on('ready', this.#sayAgain)
  }

  /** Begins; the first sign is given when this resolves. @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED */
  static async begin(
    redis: RedisConnection,
    keys: ClusterKeys,
    memberId: string,
    logger: Logger,
    lifetimeMs: number = DEFAULT_LIFETIME_MS,
  ): Promise<SignOfLife> {
    const sign = new SignOfLife(redis, keys.alive(memberId), lifetimeMs, logger)
    try {
      await redis.run('take a sign of life', () => sign.#sign())
    } catch (error) {
      await sign.end()
      throw error
    }
    return sign
  }

  /** From now on it counts as gone. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#redis.client.off('ready', this.#sayAgain)
    if (this.#redis.isConnected()) await this.#redis.client.del(this.#key).catch(() => {})
  }

  async #sign(): Promise<void> {
    await this.#redis.client.set(this.#key, '1', 'PX', this.#lifetimeMs)
  }
}

/** True for each that lives, in their order. */
export async function areAlive(
  redis: RedisConnection,
  keys: ClusterKeys,
  memberIds: readonly string[],
): Promise<boolean[]> {
  if (memberIds.length === 0) return []
  const values = await redis.run('tell who lives', (client) => client.mget(memberIds.map((id) => keys.alive(id))))
  return values.map((value) => value !== null)
}

/** Every engine that has joined and not left: those that live, and the names of those that are gone. */
export async function listEngines(
  redis: RedisConnection,
  keys: ClusterKeys,
): Promise<{ readonly living: readonly LivingEngine[]; readonly gone: readonly string[] }> {
  const [records, running] = await redis.run('tell its engines', (client) =>
    Promise.all([client.hgetall(keys.engines), client.hgetall(keys.running)]),
  )
  const all = Object.entries(records).map(([id, text]) => ({ id, record: JSON.parse(text) as EngineRecord }))
  const alive = await areAlive(
    redis,
    keys,
    all.map(({ id }) => id),
  )
  return {
    living: all
      .filter((_, index) => alive[index])
      .map(({ id, record }) => ({ ...record, running: Number(running[id] ?? 0) })),
    gone: all.filter((_, index) => !alive[index]).map(({ id }) => id),
  }
}
