// Records of moderation, as they lie in Redis.
import type {
  AlertRecord,
  AnonymousLabel,
  ClipRecord,
  Closing,
  NewClip,
  Outcome,
  Verdict,
} from '../moderation/watch/store.ts'

/** What the field of an alert begins with that names where a copy was posted. */
const COPY = 'copy:'

/** A label of a deleted message, its score in the sorted set the day of the post. */
export interface KeptLabel {
  /** Tells it from others that are the same. */
  readonly key: string
  readonly group: string
  readonly label: AnonymousLabel
}

/** What a clip is found by when it is to be forgotten. Ids hold no spaces. */
export function tagsOf({ groupId, channelId, parentChannelId, authorId, messageId }: NewClip['post']): string[] {
  const channels = [channelId, ...(parentChannelId === undefined ? [] : [parentChannelId])]
  return [`group=${groupId}`, `author=${authorId}`, `message=${messageId}`, ...channels.map((id) => `channel=${id}`)]
}

/** What verdicts about a clip under a rule are found by. */
export function labelKey(groupId: string, contentHash: string, rule: string): string {
  return `${groupId} ${contentHash} ${rule}`
}

/** A closing from its text. */
export function closingOf(text: string): Closing {
  return JSON.parse(text) as Closing
}

/** A clip from the fields of its hash. */
export function clipOf(id: number, record: string, outcome: string | null): ClipRecord {
  return {
    ...(JSON.parse(record) as NewClip),
    id,
    outcome: outcome === null ? null : (JSON.parse(outcome) as Outcome),
  }
}

/** An alert from the fields of its hash. */
export function alertOf(id: number, fields: Record<string, string>, clip: ClipRecord): AlertRecord {
  const { rule = '', score, picture, reference, verdict, by } = fields
  const copies = Object.entries(fields).filter(([name]) => name.startsWith(COPY))
  return {
    id,
    clip,
    rule,
    score: Number(score),
    picture: picture === undefined ? null : Buffer.from(picture, 'base64'),
    reference: reference ?? null,
    verdict: (verdict as Verdict | undefined) ?? null,
    decidedBy: by ?? null,
    copies: Object.fromEntries(copies.map(([name, copy]) => [name.slice(COPY.length), copy])),
  }
}
