// Posts about alerts that their platform is still to change, as rows of the table that they wait in.
import type { Closing, ClosingReason, NewClosing } from '../moderation/watch/store.ts'
import type { Connection, Row } from './connection.ts'

/** All that wait, the oldest first. */
export const CLOSINGS = 'SELECT * FROM moderation_closings ORDER BY since_ms, posted_to, reference'

/** Begins a closing, in place of an earlier one of the same post. */
export function beginClosing(connection: Connection, closing: NewClosing, sinceMs: number): Closing {
  const { to, reference, alertId, rule, why } = closing
  connection.run(
    `INSERT INTO moderation_closings (posted_to, reference, alert_id, rule, why, since_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET why = excluded.why, since_ms = excluded.since_ms`,
    ...[to, reference, alertId, rule, why, sinceMs],
  )
  return { ...closing, sinceMs }
}

/** Begins the closing of every post about the alerts of some clips. @param clipIds a JSON list */
export function closeAlertsOf(
  connection: Connection,
  clipIds: string,
  why: ClosingReason,
  sinceMs: number,
): readonly Closing[] {
  const alerts = connection.all(
    `SELECT alerts.id, rule, reference, copies, report_to FROM moderation_alerts AS alerts
     JOIN moderated_clips AS clips ON clips.id = alerts.clip_id
     WHERE clip_id IN (SELECT value FROM json_each(?)) ORDER BY alerts.id`,
    clipIds,
  )
  return alerts.flatMap((row) => {
    const posts = { ...copiesOf(row), [String(row.report_to)]: String(row.reference ?? '') }
    return Object.entries(posts)
      .filter(([, reference]) => reference !== '')
      .map(([to, reference]) =>
        beginClosing(connection, { alertId: Number(row.id), rule: String(row.rule), to, reference, why }, sinceMs),
      )
  })
}

/** Ends a closing, unless another one of the same post has taken its place. */
export function endClosing(connection: Connection, { to, reference, why }: Closing): void {
  const sql = 'DELETE FROM moderation_closings WHERE posted_to = ? AND reference = ? AND why = ?'
  connection.run(sql, to, reference, why)
}

/** A row as what it means. */
export function closingOf(row: Row): Closing {
  return {
    alertId: Number(row.alert_id),
    rule: String(row.rule),
    to: String(row.posted_to),
    reference: String(row.reference),
    why: String(row.why) as ClosingReason,
    sinceMs: Number(row.since_ms),
  }
}

/** Where an alert was told beside the moderators, of its row. */
export function copiesOf({ copies }: Row): Record<string, string> {
  return JSON.parse(String(copies)) as Record<string, string>
}
