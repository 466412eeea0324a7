// Clips and alerts of moderation, as rows of their tables.
import type { AlertRecord, ClipRecord, NewClip, Outcome, Verdict } from '../moderation/watch/store.ts'
import type { Row } from './connection.ts'
import { copiesOf } from './moderation-closings.ts'

/** A row of a clip as what it means. */
export function clipOf({ id, record, outcome }: Row): ClipRecord {
  const written = JSON.parse(String(record)) as NewClip
  return { ...written, id: Number(id), outcome: outcome === null ? null : (JSON.parse(String(outcome)) as Outcome) }
}

/** A row of an alert, with record and outcome of its clip, as what it means. */
export function alertOf(row: Row): AlertRecord {
  return {
    id: Number(row.id),
    clip: clipOf({ id: row.clip_id, record: row.record, outcome: row.outcome }),
    rule: String(row.rule),
    score: Number(row.score),
    picture: typeof row.picture === 'string' ? Buffer.from(row.picture, 'base64') : null,
    reference: typeof row.reference === 'string' ? row.reference : null,
    verdict: row.verdict === null ? null : (String(row.verdict) as Verdict),
    decidedBy: typeof row.decided_by === 'string' ? row.decided_by : null,
    copies: copiesOf(row),
  }
}
