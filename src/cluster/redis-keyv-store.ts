// A storage adapter for Keyv: that of @keyv/redis, with what threads need beyond it. Reading an entry makes its time to live
// begin anew, keys stand under Valley's own prefix, and what goes wrong is told as everywhere.
import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import KeyvRedis, { type RedisClientType } from '@keyv/redis'
import type { KeyvStoreAdapter, StoredData } from 'keyv'
import { redisError } from './redis-error.ts'

/** Where entries are and how long they live. */
export interface RedisKeyvStoreOptions {
  /** `redis://` or `rediss://` */
  readonly url: string
  /** Before each key. */
  readonly prefix: string
  /** An entry that is read lives on for so long. */
  readonly idleMs: number
  /** A command that Redis has not answered for so long fails; default 60 s. */
  readonly patienceMs?: number
}

const DEFAULT_PATIENCE_MS = 60_000
const LONGEST_PAUSE_MS = 2000
/** Between two tries of a command that a lost connection took along. */
const RETRY_PAUSE_MS = 100

/** Entries in Redis. */
export class RedisKeyvStore extends EventEmitter implements KeyvStoreAdapter {
  /** Keyv looks here for what kind of store it is. */
  readonly opts: { readonly dialect: 'redis'; readonly url: string }
  namespace?: string
  readonly #store: KeyvRedis<string>
  readonly #place: string
  readonly #prefix: string
  readonly #idleMs: number
  readonly #patienceMs: number

  constructor({ url, prefix, idleMs, patienceMs = DEFAULT_PATIENCE_MS }: RedisKeyvStoreOptions) {
    super()
    this.#place = new URL(url).host
    this.opts = { dialect: 'redis', url: `redis://${this.#place}` }
    this.#prefix = prefix
    this.#idleMs = idleMs
    this.#patienceMs = patienceMs
    this.#store = new KeyvRedis<string>(
      {
        url,
        commandOptions: { timeout: patienceMs },
        socket: { reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) },
      },
      { throwOnErrors: true, throwOnConnectError: true },
    )
    // The connection tells its own loss; without a listener it would end the process.
    this.#store.on('error', () => {})
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return await this.#run('read a thread', async () => {
      const value = await this.#store.get<string>(this.#key(key))
      if (value !== undefined) {
        const client = (await this.#store.getClient()) as RedisClientType
        await client.pExpire(this.#key(key), this.#idleMs)
      }
      return value as StoredData<Value> | undefined
    })
  }

  /** Writes an entry whole. @param ttl milliseconds from now until it counts as absent */
  async set(key: string, value: string, ttl?: number): Promise<void> {
    await this.#run('keep a thread', () => this.#store.set(this.#key(key), value, ttl))
  }

  /** Deletes an entry. @returns true when there was such an entry */
  async delete(key: string): Promise<boolean> {
    return await this.#run('drop a thread', () => this.#store.delete(this.#key(key)))
  }

  /** Drops every entry of the namespace. */
  async clear(): Promise<void> {
    await this.#run('drop its threads', async () => {
      const client = (await this.#store.getClient()) as RedisClientType
      for await (const keys of client.scanIterator({ MATCH: `${this.#prefix}:${this.namespace ?? ''}:*` })) {
        if (keys.length > 0) await client.unlink(keys)
      }
    })
  }

  /** Ends the connection. */
  async disconnect(): Promise<void> {
    await this.#store.disconnect(true).catch(() => {})
  }

  #key(key: string): string {
    return `${this.#prefix}:${key}`
  }

  /** What was on its way when the connection broke is lost with it; reading and writing an entry can be done again. */
  async #run<Result>(action: string, commands: () => Promise<Result>): Promise<Result> {
    const untilMs = performance.now() + this.#patienceMs
    for (;;) {
      try {
        return await commands()
      } catch (cause) {
        const error = redisError(this.#place, action, cause)
        if (error.code !== 'REDIS_UNREACHABLE' || performance.now() > untilMs) throw error
        await sleep(RETRY_PAUSE_MS)
      }
    }
  }
}
