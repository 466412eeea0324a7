// The tables, as the list of steps that led to them. A step that was published never changes; a change is a new step at
// the end.
import { AppError } from '../errors.ts'
import type { Connection } from './connection.ts'

/** Step n brings a file from version n to version n + 1. */
const STEPS: readonly string[] = [
  // The index of the primary key holds keys only, so that counting does not read the values.
  `CREATE TABLE entries (
     key TEXT NOT NULL PRIMARY KEY,
     value TEXT NOT NULL,
     lifetime_ms INTEGER,
     expires_at_ms INTEGER
   ) STRICT;
   CREATE INDEX entries_by_expiry ON entries (expires_at_ms);
   CREATE TABLE seen_events (
     key TEXT NOT NULL PRIMARY KEY,
     expires_at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX seen_events_by_expiry ON seen_events (expires_at_ms);
   CREATE TABLE slack_installations (
     scope TEXT NOT NULL PRIMARY KEY,
     installation TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
]

/** Version of the tables that this version of Valley writes. */
export const SCHEMA_VERSION = STEPS.length

/**
 * Brings a file to SCHEMA_VERSION. Runs inside one transaction, so that of several processes that open a new file at once
 * one does it and the others find it done.
 * @throws AppError STORAGE_FAILED when a later version of Valley wrote the file
 */
export function migrate(connection: Connection, file: string, nowMs: number): void {
  connection.run(
    'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at_ms INTEGER) STRICT',
  )
  const found = Number(connection.all('SELECT max(version) AS version FROM schema_version')[0]?.version ?? 0)
  if (found > SCHEMA_VERSION) {
    throw new AppError(
      'STORAGE_FAILED',
      `The database ${file} has version ${found}; this version of Valley knows up to ${SCHEMA_VERSION}. ` +
        'Update Valley, or move the file away to begin with an empty one.',
      { details: { file, version: found } },
    )
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < found) continue
    connection.script(step)
    connection.run('INSERT INTO schema_version VALUES (?, ?)', index + 1, nowMs)
  }
}
