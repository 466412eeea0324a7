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
  // Moderation. A clip without an outcome waits to be looked at; one that was looked at by itself has the time of it.
  `CREATE TABLE watched_channels (
     channel_id TEXT NOT NULL PRIMARY KEY,
     group_id TEXT NOT NULL,
     report_to TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE moderated_clips (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     clip_key TEXT NOT NULL UNIQUE,
     group_id TEXT NOT NULL,
     channel_id TEXT NOT NULL,
     message_id TEXT NOT NULL,
     author_id TEXT NOT NULL,
     report_to TEXT NOT NULL,
     posted_at_ms INTEGER NOT NULL,
     record TEXT NOT NULL,
     content_hash TEXT,
     looked_at_ms INTEGER,
     outcome TEXT
   ) STRICT;
   CREATE INDEX moderated_clips_waiting ON moderated_clips (id) WHERE outcome IS NULL;
   CREATE INDEX moderated_clips_looked ON moderated_clips (group_id, looked_at_ms);
   CREATE INDEX moderated_clips_reported ON moderated_clips (report_to, posted_at_ms);
   CREATE INDEX moderated_clips_messages ON moderated_clips (channel_id, message_id);
   CREATE TABLE moderation_alerts (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     clip_id INTEGER NOT NULL,
     rule TEXT NOT NULL,
     score REAL NOT NULL,
     picture TEXT,
     reference TEXT,
     verdict TEXT,
     decided_by TEXT
   ) STRICT;
   CREATE INDEX moderation_alerts_of_clips ON moderation_alerts (clip_id);
   CREATE TABLE moderation_labels (
     id INTEGER PRIMARY KEY,
     clip_id INTEGER NOT NULL,
     group_id TEXT NOT NULL,
     content_hash TEXT NOT NULL,
     rule TEXT NOT NULL,
     score REAL NOT NULL,
     model TEXT NOT NULL,
     policy_version TEXT NOT NULL,
     is_positive INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX moderation_labels_by_content ON moderation_labels (group_id, content_hash, rule);
   CREATE TABLE moderation_audit (
     id INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     action TEXT NOT NULL,
     target TEXT NOT NULL,
     outcome TEXT NOT NULL
   ) STRICT;
   CREATE TABLE moderation_digests (
     report_to TEXT NOT NULL PRIMARY KEY,
     end_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Accepted questions: open until answered; free_at_ms is the end of the owner's lease, or of a pause without an owner.
  `CREATE TABLE jobs (
     id TEXT NOT NULL PRIMARY KEY,
     platform TEXT NOT NULL,
     source TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'given-up')),
     runs INTEGER NOT NULL,
     owner TEXT,
     accepted_at_ms INTEGER NOT NULL,
     changed_at_ms INTEGER NOT NULL,
     free_at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX jobs_open ON jobs (platform, accepted_at_ms) WHERE state = 'open';
   CREATE INDEX jobs_settled ON jobs (changed_at_ms) WHERE state <> 'open';
   CREATE TABLE job_replies (
     job_id TEXT NOT NULL,
     number INTEGER NOT NULL,
     reply_id TEXT NOT NULL,
     PRIMARY KEY (job_id, number)
   ) STRICT, WITHOUT ROWID;`,
  // Where Valley was spoken to; under the bare name of a platform, when its events last came in.
  `CREATE TABLE heard_places (
     place TEXT NOT NULL PRIMARY KEY,
     at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // What moderators did, once for each command or press, also when it is done again after a crash.
  `ALTER TABLE moderation_audit ADD COLUMN request_id TEXT;
   CREATE UNIQUE INDEX moderation_audit_by_request ON moderation_audit (request_id);`,
  // Where an alert was told, as JSON of a reference for each recipient beside the moderators, and whether that is all; posts
  // that their platform is still to change.
  `ALTER TABLE moderation_alerts ADD COLUMN copies TEXT NOT NULL DEFAULT '{}';
   ALTER TABLE moderation_alerts ADD COLUMN is_told INTEGER NOT NULL DEFAULT 0;
   UPDATE moderation_alerts SET is_told = 1 WHERE reference IS NOT NULL;
   CREATE TABLE moderation_closings (
     posted_to TEXT NOT NULL,
     reference TEXT NOT NULL,
     alert_id INTEGER NOT NULL,
     rule TEXT NOT NULL,
     why TEXT NOT NULL CHECK (why IN ('decided', 'messageDeleted', 'expired')),
     since_ms INTEGER NOT NULL,
     PRIMARY KEY (posted_to, reference)
   ) STRICT, WITHOUT ROWID;`,
  // More reasons why a post is to be changed: a check cannot be altered, so the table is made anew. Labels of messages that
  // were deleted, with the day of the post. Looks that began and did not end.
  `ALTER TABLE moderation_closings RENAME TO old_closings;
   CREATE TABLE moderation_closings (
     posted_to TEXT NOT NULL,
     reference TEXT NOT NULL,
     alert_id INTEGER NOT NULL,
     rule TEXT NOT NULL,
     why TEXT NOT NULL CHECK (why IN ('decided', 'messageDeleted', 'placeGone', 'recordsForgotten', 'expired')),
     since_ms INTEGER NOT NULL,
     PRIMARY KEY (posted_to, reference)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO moderation_closings SELECT * FROM old_closings;
   DROP TABLE old_closings;
   CREATE TABLE moderation_anonymous_labels (
     id INTEGER PRIMARY KEY,
     group_id TEXT NOT NULL,
     day_ms INTEGER NOT NULL,
     label TEXT NOT NULL
   ) STRICT;
   ALTER TABLE moderated_clips ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;`,
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
