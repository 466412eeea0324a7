// Verdicts as labels, as rows: those of a clip that is kept stand beside it; those of a message that was deleted stand by
// themselves, with nothing that tells whose it was.
import type { AnonymousLabel, LookedOutcome, ModerationLabel } from '../moderation/watch/store.ts'
import type { Connection, Row } from './connection.ts'

/** The labels of clips that are kept, in the order in which they were given. */
export const LABELS = `SELECT labels.*, posted_at_ms, json_extract(outcome, '$.rawScores') AS raw_scores
  FROM moderation_labels AS labels JOIN moderated_clips AS clips ON clips.id = labels.clip_id ORDER BY labels.id`
/** The others. */
export const ANONYMOUS_LABELS = 'SELECT label FROM moderation_anonymous_labels ORDER BY id'

const DAY_MS = 24 * 60 * 60 * 1000

/** A row of LABELS as what it means. */
export function labelOf(row: Row): ModerationLabel {
  return { ...anonymousOf(row), contentHash: String(row.content_hash) }
}

/** A row of ANONYMOUS_LABELS as what it means. */
export function anonymousLabelOf({ label }: Row): ModerationLabel {
  return { ...(JSON.parse(String(label)) as AnonymousLabel), contentHash: null }
}

/** What stays of the time of a post: a time to the millisecond finds a message. */
export function labelDayMs(postedAtMs: number): number {
  return postedAtMs - (postedAtMs % DAY_MS)
}

/** Keeps a label of a message that is gone. */
export function addAnonymousLabel(
  connection: Connection,
  groupId: string,
  label: AnonymousLabel,
  postedAtMs: number,
): void {
  const sql = 'INSERT INTO moderation_anonymous_labels (group_id, day_ms, label) VALUES (?, ?, ?)'
  connection.run(sql, groupId, labelDayMs(postedAtMs), JSON.stringify(label))
}

/** Removes the labels of clips. @param clipIds a JSON list. @param isDeleted of deleted messages: they are kept without names */
export function removeLabels(connection: Connection, clipIds: string, isDeleted: boolean): void {
  const within = 'clip_id IN (SELECT value FROM json_each(?))'
  if (isDeleted) {
    for (const row of connection.all(`SELECT * FROM (${LABELS}) WHERE ${within}`, clipIds)) {
      addAnonymousLabel(connection, String(row.group_id), anonymousOf(row), Number(row.posted_at_ms))
    }
  }
  connection.run(`DELETE FROM moderation_labels WHERE ${within}`, clipIds)
}

function anonymousOf(row: Row): AnonymousLabel {
  const rule = String(row.rule)
  const raw = (JSON.parse(String(row.raw_scores ?? '{}')) as NonNullable<LookedOutcome['rawScores']>)[rule]
  return {
    rule,
    score: Number(row.score),
    model: String(row.model),
    policyVersion: String(row.policy_version),
    isPositive: row.is_positive === 1,
    ...(raw === undefined ? {} : { raw }),
  }
}
