// A storage adapter for Keyv over one SQLite file. Beyond what Keyv asks for it can renew an entry's time to live whenever
// the entry is read, and bound how many entries there are.
import { EventEmitter } from 'node:events'
import type { KeyvStoreAdapter, StoredData } from 'keyv'
import { assert } from '../assert.ts'
import type { Connection } from './connection.ts'
import type { Database } from './database.ts'

/** How entries of this store live. */
export interface SqliteKeyvStoreOptions {
  /** True: reading an entry that has a time to live makes it begin anew. Default false. */
  readonly renewOnRead?: boolean
  /** Entries of the namespace kept at most; those that would expire soonest go first. Default: no bound. */
  readonly maxEntries?: number
}

/** Entries read at once while iterating: no read stays open between them, since that would keep the log from shrinking. */
const ENTRIES_AT_ONCE = 100
/** A renewal writes to the disk, so it waits until this share of the time to live has passed. */
const RENEWAL_SHARE = 0.01

/** One namespace of a file. Keyv sets the namespace and puts it before each key, with a colon. */
export class SqliteKeyvStore extends EventEmitter implements KeyvStoreAdapter {
  /** Keyv looks here to learn that iterating works. */
  readonly opts: { readonly dialect: 'sqlite'; readonly url: string }
  namespace?: string
  readonly #database: Database
  readonly #renewOnRead: boolean
  readonly #maxEntries: number

  constructor(
    database: Database,
    { renewOnRead = false, maxEntries = Number.MAX_SAFE_INTEGER }: SqliteKeyvStoreOptions = {},
  ) {
    super()
    assert(maxEntries >= 1, 'a store keeps at least one entry')
    this.opts = { dialect: 'sqlite', url: `sqlite://${database.file}` }
    this.#database = database
    this.#renewOnRead = renewOnRead
    this.#maxEntries = maxEntries
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    const nowMs = this.#database.now()
    const [row] = await this.#database.read(
      'be read',
      'SELECT value, lifetime_ms, expires_at_ms FROM entries WHERE key = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)',
      key,
      nowMs,
    )
    if (row === undefined) return undefined
    const { lifetime_ms: lifetimeMs, expires_at_ms: expiresAtMs } = row
    if (this.#renewOnRead && typeof lifetimeMs === 'number' && typeof expiresAtMs === 'number') {
      const sinceUseMs = nowMs - (expiresAtMs - lifetimeMs)
      if (sinceUseMs >= lifetimeMs * RENEWAL_SHARE) await this.#renew(key, nowMs)
    }
    return row.value as StoredData<Value>
  }

  /**
   * Writes an entry whole; when this returns, it is on the disk.
   * @param value text, as Keyv's serialiser makes it
   * @param ttl milliseconds from now until it counts as absent; undefined: it stays
   */
  async set(key: string, value: string, ttl?: number): Promise<void> {
    const lifetimeMs = ttl ?? null
    await this.#database.write('keep an entry', (connection) => {
      const nowMs = this.#database.now()
      const expiresAtMs = lifetimeMs === null ? null : nowMs + lifetimeMs
      connection.run(
        `INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
           value = excluded.value, lifetime_ms = excluded.lifetime_ms, expires_at_ms = excluded.expires_at_ms`,
        key,
        value,
        lifetimeMs,
        expiresAtMs,
      )
      this.#trim(connection, nowMs)
    })
  }

  /** Deletes an entry, also from the disk. @returns true when there was such an entry */
  async delete(key: string): Promise<boolean> {
    const count = await this.#database.write('drop an entry', (connection) =>
      connection.run('DELETE FROM entries WHERE key = ?', key),
    )
    this.#database.emptyLog()
    return count > 0
  }

  /** Drops every entry of the namespace. */
  async clear(): Promise<void> {
    await this.#database.write('drop its entries', (connection) =>
      connection.run('DELETE FROM entries WHERE key >= ? AND key < ?', ...this.#keyRange()),
    )
  }

  /** Entries of the namespace that have not expired, by key; those written meanwhile may be missed. */
  async *iterator<Value>(): AsyncGenerator<Array<string | Awaited<Value> | undefined>, void> {
    const [first, end] = this.#keyRange()
    let from = first
    for (;;) {
      const rows = await this.#database.read(
        'be read',
        `SELECT key, value FROM entries WHERE key >= ? AND key < ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)
         ORDER BY key LIMIT ${ENTRIES_AT_ONCE}`,
        from,
        end,
        this.#database.now(),
      )
      for (const { key, value } of rows) yield [String(key), value as Awaited<Value>]
      const last = rows.at(-1)
      if (last === undefined || rows.length < ENTRIES_AT_ONCE) return
      from = `${last.key}\0`
    }
  }

  async #renew(key: string, nowMs: number): Promise<void> {
    await this.#database.write('keep an entry', (connection) =>
      connection.run('UPDATE entries SET expires_at_ms = ? + lifetime_ms WHERE key = ?', nowMs, key),
    )
  }

  /** Drops what has expired, of every namespace, then what is too much in this one. */
  #trim(connection: Connection, nowMs: number): void {
    connection.run('DELETE FROM entries WHERE expires_at_ms <= ?', nowMs)
    const [row] = connection.all(
      'SELECT count(*) AS count FROM entries WHERE key >= ? AND key < ?',
      ...this.#keyRange(),
    )
    const tooMany = Number(row?.count ?? 0) - this.#maxEntries
    if (tooMany <= 0) return
    connection.run(
      `DELETE FROM entries WHERE key IN (
         SELECT key FROM entries WHERE key >= ? AND key < ? ORDER BY expires_at_ms IS NULL, expires_at_ms LIMIT ?)`,
      ...this.#keyRange(),
      tooMany,
    )
  }

  /** First key of the namespace and the first after it: the character after the colon is the semicolon. */
  #keyRange(): readonly [first: string, end: string] {
    assert(this.namespace, 'Keyv has set the namespace')
    return [`${this.namespace}:`, `${this.namespace};`]
  }
}
