// What a digest is made of, and the pieces that its parts share.
import type { Finding } from '../finding.ts'
import type { Span } from '../platform/notice.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { AlertRecord, ClipRecord } from '../watch/store.ts'
import type { DigestEvery, Period } from './calendar.ts'

/** What a digest is made of. */
export interface DigestContent {
  readonly every: DigestEvery | 'now'
  readonly period: Period
  readonly timeZone: string
  /** Posted in the period, in order. */
  readonly clips: readonly ClipRecord[]
  /** Findings of a clip that hold for its post, by the clip's id. */
  readonly findings: ReadonlyMap<number, readonly Finding[]>
  readonly alerts: readonly AlertRecord[]
  /** Rules under which no alert was raised, since people had dismissed the same clip before; by the clip's id. */
  readonly dismissedBefore: ReadonlyMap<number, ReadonlySet<string>>
  /** Addresses of messages by clip id, for clips that are listed. */
  readonly urls: ReadonlyMap<number, string>
  readonly maxClipsPerDay: number
  readonly maxClipsPerPersonPerDay: number
  readonly texts: ModerationTexts
}

/** Where a clip is: a link to its message, or its channel where there is none. */
export function linkOrChannel({ id, post }: ClipRecord, { urls }: Pick<DigestContent, 'urls'>): Span {
  const url = urls.get(id)
  return url === undefined ? { kind: 'channel', id: post.channelId } : { kind: 'link', text: url, url }
}

/** Words that stand out. */
export function strong(text: string): Span {
  return { kind: 'strong', text }
}

/** How often each comes, the most frequent first. */
export function tally<Item>(items: readonly Item[], keyOf: (item: Item) => string): (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
}
