// What moderation keeps, in tables of the same file: clips with what was found, alerts, verdicts, and who did what.
import { countsAsLook } from '../moderation/watch/counted-looks.ts'
import type {
  AlertRecord,
  AnonymousLabel,
  AuditEntry,
  ClipRecord,
  Closing,
  ClosingReason,
  ForgetScope,
  LookLedger,
  ModerationLabel,
  ModerationStore,
  NewAlert,
  NewClip,
  NewClosing,
  Outcome,
  Removed,
  Verdict,
  WatchedChannel,
} from '../moderation/watch/store.ts'
import type { ColumnValue, Connection, Row } from './connection.ts'
import type { Database } from './database.ts'
import { beginClosing, CLOSINGS, closeAlertsOf, closingOf, endClosing } from './moderation-closings.ts'
import {
  ANONYMOUS_LABELS,
  addAnonymousLabel,
  anonymousLabelOf,
  LABELS,
  labelOf,
  removeLabels,
} from './moderation-labels.ts'
import { alertOf, clipOf } from './moderation-rows.ts'

const READ = 'be read'
/** Near-duplicates are looked for among so many. */
const MOST_COMPARED = 5000
const ALERTS =
  'SELECT alerts.*, clips.record, clips.outcome FROM moderation_alerts AS alerts JOIN moderated_clips AS clips ON clips.id = alerts.clip_id'

/** The store in a database. */
export class SqliteModerationStore implements ModerationStore, LookLedger {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async watched(): Promise<WatchedChannel[]> {
    const rows = await this.#database.read(READ, 'SELECT * FROM watched_channels ORDER BY channel_id')
    return rows.map((row) => ({
      channelId: String(row.channel_id),
      groupId: String(row.group_id),
      reportTo: String(row.report_to),
    }))
  }

  async watch({ channelId, groupId, reportTo }: WatchedChannel): Promise<void> {
    const sql =
      'INSERT INTO watched_channels VALUES (?, ?, ?) ON CONFLICT (channel_id) DO UPDATE SET report_to = excluded.report_to'
    await this.#run('keep a watched channel', sql, channelId, groupId, reportTo)
  }

  async unwatch(channelId: string): Promise<void> {
    await this.#run('drop a watched channel', 'DELETE FROM watched_channels WHERE channel_id = ?', channelId)
  }

  async addClips(clips: readonly NewClip[]): Promise<number> {
    return this.#database.write('keep clips to look at', (connection) =>
      clips.reduce((sum, { post, clip, reportTo }) => {
        const key = `${post.channelId} ${post.messageId} ${clip.handle}`
        const record = JSON.stringify({ post, clip, reportTo })
        const sql = `INSERT INTO moderated_clips
          (clip_key, group_id, channel_id, message_id, author_id, report_to, posted_at_ms, record)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
        const { groupId, channelId, messageId, authorId, postedAtMs } = post
        return sum + connection.run(sql, key, groupId, channelId, messageId, authorId, reportTo, postedAtMs, record)
      }, 0),
    )
  }

  async nextWaiting(exceptGroups: readonly string[] = []): Promise<ClipRecord | null> {
    const sql = `SELECT * FROM moderated_clips WHERE outcome IS NULL
      AND group_id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1`
    return (await this.#clips(sql, JSON.stringify(exceptGroups)))[0] ?? null
  }

  async countWaiting(groupId?: string): Promise<number> {
    const sql = 'SELECT count(*) AS count FROM moderated_clips WHERE outcome IS NULL'
    return groupId === undefined ? this.#count(sql) : this.#count(`${sql} AND group_id = ?`, groupId)
  }

  async begin(clipId: number): Promise<number> {
    return this.#database.write('keep that a look begins', (connection) => {
      connection.run('UPDATE moderated_clips SET begun = begun + 1 WHERE id = ?', clipId)
      return Number(connection.all('SELECT begun FROM moderated_clips WHERE id = ?', clipId)[0]?.begun ?? 0)
    })
  }

  async leave(clipId: number): Promise<void> {
    await this.#run('keep that a look was left', 'UPDATE moderated_clips SET begun = 0 WHERE id = ?', clipId)
  }

  async countLooked(groupId: string, sinceMs: number, authorId?: string): Promise<number> {
    const sql = `SELECT count(*) AS count FROM moderated_clips
      WHERE group_id = ? AND looked_at_ms >= ? AND author_id = coalesce(?, author_id)`
    return this.#count(sql, groupId, sinceMs, authorId ?? null)
  }

  async finish(clipId: number, outcome: Outcome, alerts: readonly NewAlert[]): Promise<boolean> {
    return this.#database.write('keep a finding', (connection) => {
      const changed = connection.run(
        'UPDATE moderated_clips SET outcome = ?, content_hash = ?, looked_at_ms = ? WHERE id = ?',
        JSON.stringify(outcome),
        outcome.kind === 'looked' ? outcome.contentHash : null,
        countsAsLook(outcome) ? this.#database.now() : null,
        clipId,
      )
      if (changed === 0) return false
      for (const { rule, score, picture } of alerts) {
        const encoded = picture === null ? null : Buffer.from(picture).toString('base64')
        const sql = 'INSERT INTO moderation_alerts (clip_id, rule, score, picture) VALUES (?, ?, ?, ?)'
        connection.run(sql, clipId, rule, score, encoded)
      }
      return true
    })
  }

  async lookedAt(groupId: string, policyVersion: string, model: string): Promise<ClipRecord[]> {
    const sql = `SELECT * FROM moderated_clips WHERE group_id = ? AND looked_at_ms IS NOT NULL
      ORDER BY id DESC LIMIT ${MOST_COMPARED}`
    const records = await this.#clips(sql, groupId)
    return records.filter(
      ({ outcome }) => outcome?.kind === 'looked' && outcome.policyVersion === policyVersion && outcome.model === model,
    )
  }

  async clip(clipId: number): Promise<ClipRecord | null> {
    return (await this.#clips('SELECT * FROM moderated_clips WHERE id = ?', clipId))[0] ?? null
  }

  async reportChannels(): Promise<string[]> {
    const rows = await this.#database.read(READ, 'SELECT DISTINCT report_to FROM moderated_clips ORDER BY report_to')
    return rows.map((row) => String(row.report_to))
  }

  async clipsReported(reportTo: string, { startMs, endMs }: { startMs: number; endMs: number }): Promise<ClipRecord[]> {
    const sql =
      'SELECT * FROM moderated_clips WHERE report_to = ? AND posted_at_ms >= ? AND posted_at_ms < ? ORDER BY posted_at_ms, id'
    return this.#clips(sql, reportTo, startMs, endMs)
  }

  async unsentAlerts(): Promise<AlertRecord[]> {
    return this.#alerts(`${ALERTS} WHERE is_told = 0 AND verdict IS NOT 'dismissed' ORDER BY alerts.id`)
  }

  async alertSent(alertId: number, reference: string): Promise<boolean> {
    const sql = 'UPDATE moderation_alerts SET reference = ? WHERE id = ?'
    return (await this.#run('keep an alert', sql, reference, alertId)) > 0
  }

  async copySent(alertId: number, to: string, reference: string): Promise<boolean> {
    const sql = 'UPDATE moderation_alerts SET copies = json_patch(copies, json_object(?, ?)) WHERE id = ?'
    return (await this.#run('keep an alert', sql, to, reference, alertId)) > 0
  }

  async alertTold(alertId: number): Promise<void> {
    await this.#run('keep an alert', 'UPDATE moderation_alerts SET is_told = 1 WHERE id = ?', alertId)
  }

  async alert(alertId: number): Promise<AlertRecord | null> {
    return (await this.#alerts(`${ALERTS} WHERE alerts.id = ?`, alertId))[0] ?? null
  }

  async alertsOf(clipIds: readonly number[]): Promise<AlertRecord[]> {
    const sql = `${ALERTS} WHERE clip_id IN (SELECT value FROM json_each(?)) ORDER BY alerts.id`
    return this.#alerts(sql, JSON.stringify(clipIds))
  }

  async countOpenAlerts(groupId: string): Promise<number> {
    const sql = `SELECT count(*) AS count FROM moderation_alerts AS alerts
      JOIN moderated_clips AS clips ON clips.id = alerts.clip_id WHERE group_id = ? AND verdict IS NULL`
    return this.#count(sql, groupId)
  }

  async decide(alertId: number, verdict: Verdict, userId: string): Promise<boolean> {
    const isNew = await this.#database.write('keep a verdict', (connection) => {
      const [row] = connection.all(`${ALERTS} WHERE alerts.id = ? AND verdict IS NULL`, alertId)
      if (row === undefined) return false
      const sql = 'UPDATE moderation_alerts SET verdict = ?, decided_by = ?, picture = NULL WHERE id = ?'
      connection.run(sql, verdict, userId, alertId)
      const { rule, score, clip, reference } = alertOf(row)
      if (reference !== null && reference !== '') {
        const closing = { alertId, rule, to: clip.reportTo, reference, why: 'decided' } as const
        beginClosing(connection, closing, this.#database.now())
      }
      if (clip.outcome?.kind === 'looked') {
        const { contentHash, model, policyVersion } = clip.outcome
        connection.run(
          `INSERT INTO moderation_labels (clip_id, group_id, content_hash, rule, score, model, policy_version, is_positive)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[clip.id, clip.post.groupId, contentHash, rule, score, model, policyVersion],
          verdict === 'confirmed' ? 1 : 0,
        )
      }
      return true
    })
    // The picture has stood in it.
    if (isNew) this.#database.emptyLog()
    return isNew
  }

  async verdictOn(groupId: string, contentHash: string, rule: string): Promise<Verdict | null> {
    const sql =
      'SELECT is_positive FROM moderation_labels WHERE group_id = ? AND content_hash = ? AND rule = ? ORDER BY id DESC LIMIT 1'
    const [row] = await this.#database.read(READ, sql, groupId, contentHash, rule)
    if (row === undefined) return null
    return row.is_positive === 1 ? 'confirmed' : 'dismissed'
  }

  async labels(): Promise<ModerationLabel[]> {
    const anonymous = await this.#database.read(READ, ANONYMOUS_LABELS)
    return [...(await this.#database.read(READ, LABELS)).map(labelOf), ...anonymous.map(anonymousLabelOf)]
  }

  async keepLabel(groupId: string, label: AnonymousLabel, postedAtMs: number): Promise<void> {
    await this.#database.write('keep a label', (connection) =>
      addAnonymousLabel(connection, groupId, label, postedAtMs),
    )
  }

  async audit({ requestId, atMs, groupId, userId, action, target, outcome }: AuditEntry): Promise<void> {
    const sql = `INSERT INTO moderation_audit (request_id, at_ms, group_id, user_id, action, target, outcome)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
    await this.#run('keep what was done', sql, requestId, atMs, groupId, userId, action, target, outcome)
  }

  async auditOf(groupId: string): Promise<AuditEntry[]> {
    const sql = 'SELECT * FROM moderation_audit WHERE group_id = ? ORDER BY id'
    const rows = await this.#database.read(READ, sql, groupId)
    return rows.map((row) => ({
      // None stands in what earlier versions wrote.
      requestId: String(row.request_id ?? ''),
      atMs: Number(row.at_ms),
      groupId,
      userId: String(row.user_id),
      action: String(row.action),
      target: String(row.target),
      outcome: String(row.outcome),
    }))
  }

  async forget(scope: ForgetScope): Promise<Removed> {
    const { groupId = null, userId = null, channelId = null, messageIds } = scope
    const isWholeServer = groupId !== null && userId === null && channelId === null && messageIds === undefined
    const removed = await this.#database.write('drop records', (connection) => {
      const rows = connection.all(
        `SELECT id FROM moderated_clips WHERE group_id = coalesce(?, group_id) AND author_id = coalesce(?, author_id)
         AND (? IS NULL OR ? IN (channel_id, json_extract(record, '$.post.parentChannelId')))
         AND (? IS NULL OR message_id IN (SELECT value FROM json_each(?)))`,
        ...[groupId, userId, channelId, channelId],
        ...Array<string | null>(2).fill(messageIds === undefined ? null : JSON.stringify(messageIds)),
      )
      if (isWholeServer) {
        connection.run('DELETE FROM moderation_audit WHERE group_id = ?', groupId)
        connection.run('DELETE FROM moderation_anonymous_labels WHERE group_id = ?', groupId)
      }
      return this.#remove(connection, rows, scope.why)
    })
    if (removed.clips > 0 || isWholeServer) this.#database.emptyLog()
    return removed
  }

  async prune(beforeMs: number): Promise<Removed> {
    const removed = await this.#database.write('drop old records', (connection) => {
      const rows = connection.all('SELECT id FROM moderated_clips WHERE posted_at_ms < ?', beforeMs)
      connection.run('DELETE FROM moderation_closings WHERE since_ms < ?', beforeMs)
      connection.run('DELETE FROM moderation_anonymous_labels WHERE day_ms < ?', beforeMs)
      return this.#remove(connection, rows, 'expired')
    })
    if (removed.clips > 0) this.#database.emptyLog()
    return removed
  }

  async closings(): Promise<Closing[]> {
    return (await this.#database.read(READ, CLOSINGS)).map(closingOf)
  }

  async addClosing(closing: NewClosing): Promise<Closing> {
    return this.#database.write('keep a post to change', (connection) =>
      beginClosing(connection, closing, this.#database.now()),
    )
  }

  async dropClosing(closing: Closing): Promise<void> {
    await this.#database.write('drop a changed post', (connection) => endClosing(connection, closing))
  }

  async digestEnd(reportTo: string): Promise<number | null> {
    const sql = 'SELECT end_ms FROM moderation_digests WHERE report_to = ?'
    const [row] = await this.#database.read(READ, sql, reportTo)
    return row === undefined ? null : Number(row.end_ms)
  }

  async setDigestEnd(reportTo: string, endMs: number): Promise<void> {
    const sql =
      'INSERT INTO moderation_digests VALUES (?, ?) ON CONFLICT (report_to) DO UPDATE SET end_ms = excluded.end_ms'
    await this.#run('keep when a digest was written', sql, reportTo, endMs)
  }

  /** Removes clips with their alerts and labels. */
  #remove(connection: Connection, rows: readonly Row[], why: ClosingReason): Removed {
    const ids = JSON.stringify(rows.map(({ id }) => Number(id)))
    const within = 'clip_id IN (SELECT value FROM json_each(?))'
    const closings = closeAlertsOf(connection, ids, why, this.#database.now())
    connection.run(`DELETE FROM moderation_alerts WHERE ${within}`, ids)
    removeLabels(connection, ids, why === 'messageDeleted')
    connection.run('DELETE FROM moderated_clips WHERE id IN (SELECT value FROM json_each(?))', ids)
    return { clips: rows.length, closings }
  }

  /** @returns how many rows changed */
  async #run(action: string, sql: string, ...values: readonly ColumnValue[]): Promise<number> {
    return this.#database.write(action, (connection) => connection.run(sql, ...values))
  }

  async #count(sql: string, ...values: readonly ColumnValue[]): Promise<number> {
    return Number((await this.#database.read(READ, sql, ...values))[0]?.count ?? 0)
  }

  async #clips(sql: string, ...values: readonly ColumnValue[]): Promise<ClipRecord[]> {
    return (await this.#database.read(READ, sql, ...values)).map(clipOf)
  }

  async #alerts(sql: string, ...values: readonly ColumnValue[]): Promise<AlertRecord[]> {
    return (await this.#database.read(READ, sql, ...values)).map(alertOf)
  }
}
