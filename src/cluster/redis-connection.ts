// One connection to Redis for all that a process does there. It waits out a restart of Redis: commands stand in line until
// it is back, for as long as a person would wait too.
import { Redis } from 'ioredis'
import type { Logger } from '../logger.ts'
import { redisError } from './redis-error.ts'

/** Where Redis is. */
export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`; may hold name, password and number of the database. */
  readonly url: string
  readonly logger: Logger
  /** A command that Redis has not answered for so long fails with REDIS_UNREACHABLE; default 60 s. */
  readonly patienceMs?: number
}

const DEFAULT_PATIENCE_MS = 60_000
const CONNECT_TIMEOUT_MS = 5000
/** After Redis was away, everybody says anew that they live; nobody is taken for dead before they could. */
const SETTLING_MS = 4000
/** Pauses between tries to connect again: doubled each time, from the first to the longest. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

/** An open connection. */
export class RedisConnection {
  /** For everybody's commands, and for BullMQ, which makes blocking ones of its own from it. */
  readonly client: Redis
  /** Host and port, without a password. */
  readonly place: string
  readonly #logger: Logger
  readonly #others = new Set<Redis>()
  #lostAtMs: number | null = null
  #foundAtMs = Number.NEGATIVE_INFINITY
  #isClosing = false

  private constructor(client: Redis, place: string, logger: Logger) {
    this.client = client
    this.place = place
    this.#logger = logger
    client.on('ready', () => this.#found())
    client.on('close', () => this.#lost())
  }

  /**
   * Connects.
   * @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED when Redis refuses the name or password
   */
  static async open({
    url,
    logger,
    patienceMs = DEFAULT_PATIENCE_MS,
  }: RedisConnectionOptions): Promise<RedisConnection> {
    const { host } = new URL(url)
    const options = {
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: patienceMs,
      // BullMQ wants it so: a command waits for the connection and does not count its tries.
      maxRetriesPerRequest: null,
      retryStrategy: (tries: number) => Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS),
    }
    const client = new Redis(url, options)
    // What went wrong while connecting; what connect() itself throws only says that it is closed.
    let reason: unknown = null
    client.on('error', (error) => {
      reason = error
    })
    try {
      await client.connect()
      await client.ping()
    } catch (error) {
      client.disconnect()
      throw redisError(host, 'be reached', reason ?? error)
    }
    const connection = new RedisConnection(client, host, logger)
    await connection.#warnOfSettings()
    return connection
  }

  /** A further connection, for commands that block. Closed with this one. */
  duplicate(): Redis {
    const other = this.client.duplicate({ lazyConnect: false })
    // Its loss is told by the first one.
    other.on('error', () => {})
    this.#others.add(other)
    return other
  }

  /** True while Redis answers. */
  isConnected(): boolean {
    return this.client.status === 'ready'
  }

  /** True while Redis answers, and has for a while: what it does not know now is not there. */
  isSettled(): boolean {
    return this.isConnected() && performance.now() - this.#foundAtMs > SETTLING_MS
  }

  /** Runs commands. @param action after "Redis at … could not" @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED */
  async run<Result>(action: string, commands: (client: Redis) => Promise<Result>): Promise<Result> {
    try {
      return await commands(this.client)
    } catch (error) {
      throw redisError(this.place, action, error)
    }
  }

  /** Ends all connections; to be called once nobody uses them any more. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const other of this.#others) other.disconnect()
    if (this.isConnected()) await this.client.quit().catch(() => {})
    this.client.disconnect()
  }

  #lost(): void {
    if (this.#lostAtMs !== null || this.#isClosing) return
    this.#lostAtMs = performance.now()
    this.#logger.warn({ redis: this.place, code: 'REDIS_UNREACHABLE' }, 'Redis is lost; waiting until it is back')
  }

  #found(): void {
    if (this.#lostAtMs === null) return
    this.#foundAtMs = performance.now()
    const lostMs = Math.round(this.#foundAtMs - this.#lostAtMs)
    this.#lostAtMs = null
    this.#logger.info({ redis: this.place, lostMs }, 'Redis is back')
  }

  /** Says where Redis is set so that questions may get lost. One that does not tell how it is set is taken as it is. */
  async #warnOfSettings(): Promise<void> {
    const text = await this.client.info().catch(() => '')
    const settings = new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]))
    const policy = settings.get('maxmemory_policy')
    if (policy !== undefined && policy !== 'noeviction') {
      this.#logger.warn({ policy }, 'Redis drops keys when its memory is full; set its maxmemory-policy to noeviction')
    }
    if (settings.get('aof_enabled') === '0') {
      this.#logger.warn('Redis forgets what it holds when it restarts; set its appendonly to yes')
    }
  }
}
