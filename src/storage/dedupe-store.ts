// Which events were taken already. Platforms deliver an event again after a lost acknowledgement or a resumed connection;
// it must be answered once, also after a restart and with several processes.
import type { Database } from './database.ts'

/** How long an event is remembered. */
export interface DedupeStoreOptions {
  /** Default 1 hour. Slack's last retry comes 6 minutes after the event; Discord's replay reaches back a few. */
  readonly lifetimeMs?: number
}

const DEFAULT_LIFETIME_MS = 60 * 60 * 1000
/** Below this, retries that the platforms do send would be taken twice. */
const SHORTEST_LIFETIME_MS = 10 * 60 * 1000

/** Remembers the ids of events. */
export class DedupeStore {
  readonly #database: Database
  readonly #lifetimeMs: number

  /** A lifetime below 10 minutes is raised to that. */
  constructor(database: Database, { lifetimeMs = DEFAULT_LIFETIME_MS }: DedupeStoreOptions = {}) {
    this.#database = database
    this.#lifetimeMs = Math.max(lifetimeMs, SHORTEST_LIFETIME_MS)
  }

  /**
   * Takes an event, once among all processes that use the file.
   * @param keys everything that the event may be known by, each beginning with its platform, e.g. `slack:event:Ev1` and
   *   `slack:post:C1:1700000000.000100`, since one post can arrive as two events
   * @returns false when any of the keys was taken before; then none is newly taken
   */
  async claim(...keys: readonly string[]): Promise<boolean> {
    return this.#database.write('take an event', (connection) => {
      const nowMs = this.#database.now()
      connection.run('DELETE FROM seen_events WHERE expires_at_ms <= ?', nowMs)
      const places = keys.map(() => '?').join(', ')
      if (connection.all(`SELECT 1 FROM seen_events WHERE key IN (${places}) LIMIT 1`, ...keys).length > 0) return false
      for (const key of keys) {
        connection.run('INSERT INTO seen_events VALUES (?, ?) ON CONFLICT DO NOTHING', key, nowMs + this.#lifetimeMs)
      }
      return true
    })
  }

  /** Gives an event back that was taken but could not be handed on, so that the platform's next try is taken again. */
  async release(...keys: readonly string[]): Promise<void> {
    await this.#database.write('give an event back', (connection) => {
      for (const key of keys) connection.run('DELETE FROM seen_events WHERE key = ?', key)
    })
  }
}
