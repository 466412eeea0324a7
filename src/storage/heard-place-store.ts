// Where Valley was spoken to, and since and until when it listened, in SQLite.
import type { HeardPlaces } from '../conversation/heard-places.ts'
import type { Connection } from './connection.ts'
import type { Database } from './database.ts'

/** A place where nobody has spoken to Valley for so long is looked at no more. */
const KEPT_MS = 30 * 24 * 60 * 60_000
/** A place is noted anew after so long, so that not every question writes twice. */
const NOTED_ANEW_AFTER_MS = 10 * 60_000

/** Places of all platforms, and for each platform, under its bare name and beside it, when its events last and first came in. */
export class HeardPlaceStore implements HeardPlaces {
  readonly #database: Database
  /** When this process noted a place last. */
  readonly #noted = new Map<string, number>()

  constructor(database: Database) {
    this.#database = database
  }

  async listening(platform: string): Promise<void> {
    await this.#note(platform, (connection, nowMs) => {
      // Once there is a last time, a first one that is missing was forgotten, being old.
      const first = 'INSERT INTO heard_places SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM heard_places WHERE place = ?)'
      connection.run(first, firstOf(platform), nowMs, platform)
    })
  }

  lastHeardMs(platform: string): Promise<number | null> {
    return this.#timeOf(platform)
  }

  firstHeardMs(platform: string): Promise<number | null> {
    return this.#timeOf(firstOf(platform))
  }

  async add(place: string): Promise<void> {
    const nowMs = this.#database.now()
    const notedMs = this.#noted.get(place) ?? Number.NEGATIVE_INFINITY
    if (Math.abs(nowMs - notedMs) < NOTED_ANEW_AFTER_MS) return
    await this.#note(place)
    this.#noted.set(place, nowMs)
    for (const [known, atMs] of this.#noted) if (nowMs - atMs >= NOTED_ANEW_AFTER_MS) this.#noted.delete(known)
  }

  async places(platform: string, atMost: number): Promise<readonly string[]> {
    const sql = 'SELECT place FROM heard_places WHERE place > ? AND place < ? ORDER BY at_ms DESC, place LIMIT ?'
    const rows = await this.#database.read('be read', sql, `${platform}:`, `${platform};`, atMost)
    return rows.map(({ place }) => String(place))
  }

  async #timeOf(place: string): Promise<number | null> {
    const [row] = await this.#database.read('be read', 'SELECT at_ms FROM heard_places WHERE place = ?', place)
    return row === undefined ? null : Number(row.at_ms)
  }

  /** @param before done in the same step, ahead of the note */
  async #note(place: string, before?: (connection: Connection, nowMs: number) => void): Promise<void> {
    await this.#database.write('note where it was spoken to', (connection) => {
      const nowMs = this.#database.now()
      connection.run('DELETE FROM heard_places WHERE at_ms <= ?', nowMs - KEPT_MS)
      before?.(connection, nowMs)
      const change = 'INSERT INTO heard_places VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET at_ms = excluded.at_ms'
      connection.run(change, place, nowMs)
    })
  }
}

/** No place of a platform has such a name: theirs have a colon there. */
function firstOf(platform: string): string {
  return `${platform}/first`
}
