// The digest: what was posted, by whom and where, what it shows, what was found, and what could not be looked at. Every
// number is a count of records.
import type { ErrorCode } from '../../errors.ts'
import type { Finding } from '../finding.ts'
import type { Notice, NoticeLine, Span } from '../platform/notice.ts'
import { spanText } from '../span-text.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { AlertRecord, ClipRecord } from '../watch/store.ts'
import { type DigestEvery, dateText, dayOf, type Period } from './calendar.ts'
import { type ActivityBar, drawActivity } from './draw-activity.ts'
import { themesOf } from './themes.ts'

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
  /** Addresses of messages by clip id, for clips with findings. */
  readonly urls: ReadonlyMap<number, string>
  readonly maxClipsPerDay: number
  readonly maxClipsPerPersonPerDay: number
  readonly texts: ModerationTexts
}

/** Names in one line of the digest; the others stand at its end. */
const MOST_NAMES = 10
const MOST_THEMES = 8
const HOUR_MS = 60 * 60 * 1000

/** Writes a digest; one line when nothing was posted. */
export async function digestNotice(content: DigestContent): Promise<Notice> {
  const { clips, texts, every, period, timeZone } = content
  const title = texts.digestTitle(every, dateText(period.startMs, timeZone))
  const { restAttached, notAttached } = texts
  const rest = { restAttached, restName: `digest-${dateText(period.startMs, timeZone)}.txt`, notAttached }
  if (clips.length === 0) return { lines: [[texts.digestEmpty(title)]], ...rest }
  const picture = {
    name: 'activity.png',
    content: await drawActivity(activityOf(content)),
    description: texts.activity,
  }
  const authors = tally(clips, ({ post }) => post.authorId)
  const channels = tally(clips, ({ post }) => post.channelId)
  const lines: NoticeLine[] = [
    [strong(title)],
    ...countLines(content),
    ...listLines(texts.digestHeads.authors, authors, 'user', texts),
    ...listLines(texts.digestHeads.channels, channels, 'channel', texts),
    ...themeLines(content),
    ...findingLines(content),
    ...unreadLines(content),
    [texts.activity],
    // Last, so that they are what goes into the file first.
    ...allNames(texts.digestHeads.authors, authors, 'user'),
    ...allNames(texts.digestHeads.channels, channels, 'channel'),
  ]
  return { lines, files: [picture], ...rest }
}

function countLines({ clips, texts, maxClipsPerDay, maxClipsPerPersonPerDay }: DigestContent): NoticeLine[] {
  const authors = new Set(clips.map(({ post }) => post.authorId)).size
  const channels = new Set(clips.map(({ post }) => post.channelId)).size
  const cited = clips.filter(({ outcome }) => outcome?.kind === 'looked' && outcome.sameAs !== undefined).length
  const cappedBy = (of?: 'person') =>
    clips.filter(({ outcome }) => outcome?.kind === 'capped' && outcome.of === of).length
  const [capped, cappedOfPerson] = [cappedBy(), cappedBy('person')]
  const waiting = clips.filter(({ outcome }) => outcome === null).length
  return [
    [texts.counts(clips.length, authors, channels)],
    ...(cited === 0 ? [] : [[texts.seenBefore(cited)]]),
    ...(capped === 0 ? [] : [[texts.capped(capped, maxClipsPerDay)]]),
    ...(cappedOfPerson === 0 ? [] : [[texts.cappedPerson(cappedOfPerson, maxClipsPerPersonPerDay)]]),
    ...(waiting === 0 ? [] : [[texts.stillWaiting(waiting)]]),
  ]
}

function listLines(
  head: string,
  counts: readonly (readonly [string, number])[],
  kind: 'user' | 'channel',
  texts: ModerationTexts,
): NoticeLine[] {
  const named = counts.slice(0, MOST_NAMES).map(([id, count]): NoticeLine => [{ kind, id }, ` ${count}`])
  const more = counts.length - named.length
  return [[strong(`${head}:`), ' ', ...joined([...named, ...(more > 0 ? [[texts.andOthers(more)]] : [])])]]
}

/** Those whom one line has no room for, a line each. */
function allNames(
  head: string,
  counts: readonly (readonly [string, number])[],
  kind: 'user' | 'channel',
): NoticeLine[] {
  const others = counts.slice(MOST_NAMES)
  if (others.length === 0) return []
  return [
    [strong(`${head}, ${MOST_NAMES + 1}–${counts.length}:`)],
    ...others.map(([id, count]): NoticeLine => ['• ', { kind, id }, ` ${count}`]),
  ]
}

function themeLines({ clips, texts }: DigestContent): NoticeLine[] {
  const described = clips.flatMap(({ outcome }) => (outcome?.kind === 'looked' ? [outcome.description] : []))
  if (described.length === 0) return []
  const { themes, others } = themesOf(described, MOST_THEMES)
  const words = themes.map(({ word, members }) => `${word} ${members.length}`)
  const rest = others.length === 0 ? [] : [`${texts.otherClips} ${others.length}`]
  return [[strong(`${texts.digestHeads.themes}:`), ' ', [...words, ...rest].join(', ')]]
}

/** Findings by rule, each with its link; those that people dismissed stand apart. */
function findingLines({ clips, findings, alerts, urls, texts }: DigestContent): NoticeLine[] {
  const dismissed = new Set(
    alerts.filter(({ verdict }) => verdict === 'dismissed').map(({ clip, rule }) => `${clip.id} ${rule}`),
  )
  const groups = { open: new Map<string, NoticeLine[]>(), dismissed: new Map<string, NoticeLine[]>() }
  for (const { id, post } of clips) {
    for (const finding of findings.get(id) ?? []) {
      const group = dismissed.has(`${id} ${finding.rule}`) ? groups.dismissed : groups.open
      const url = urls.get(id)
      const where: Span = url === undefined ? { kind: 'channel', id: post.channelId } : { kind: 'link', text: url, url }
      const line: NoticeLine = [
        `• ${texts.levels[finding.level]}, ${finding.score.toFixed(2)}, ${spanText(finding)}, `,
        where,
      ]
      group.set(finding.rule, [...(group.get(finding.rule) ?? []), line])
    }
  }
  if (groups.open.size + groups.dismissed.size === 0) return [[texts.noFindings]]
  const section = (head: string, group: ReadonlyMap<string, readonly NoticeLine[]>): NoticeLine[] =>
    [...group].flatMap(([rule, lines]) => [[strong(`${head}:`), ` ${rule} ${lines.length}`], ...lines])
  return [
    ...section(texts.digestHeads.findings, groups.open),
    ...section(texts.digestHeads.dismissed, groups.dismissed),
  ]
}

function unreadLines({ clips, texts }: DigestContent): NoticeLine[] {
  const failed = clips.flatMap(({ outcome }) => (outcome?.kind === 'failed' ? [outcome.code] : []))
  const codes = tally(failed, (code) => code) as readonly (readonly [ErrorCode, number])[]
  const partly = clips.filter(({ outcome }) => outcome?.kind === 'looked' && outcome.notLookedAt.length > 0).length
  return [
    ...(codes.length === 0
      ? []
      : [
          [
            strong(`${texts.digestHeads.unread}:`),
            ' ',
            codes.map(([code, count]) => `${texts.unread(count, code)}${reasonOf(code, texts)}`).join(', '),
          ],
        ]),
    ...(partly === 0 ? [] : [[strong(`${texts.digestHeads.partly}:`), ` ${partly}`]]),
  ]
}

function reasonOf(code: ErrorCode, { unreadReasons }: ModerationTexts): string {
  const reason = unreadReasons[code]
  return reason === undefined ? '' : ` (${reason})`
}

/** A bar an hour for a day, a bar a day for a week. */
function activityOf({ every, period, timeZone, clips, alerts }: DigestContent): ActivityBar[] {
  const alerted = new Set(alerts.map(({ clip }) => clip.id))
  const bars: ActivityBar[] = []
  let startMs = period.startMs
  while (startMs < period.endMs) {
    const hourLater = startMs + HOUR_MS
    // No day is shorter than an hour, so that the bars come to an end whatever a zone's clocks do.
    const endMs = every === 'week' ? Math.max(dayOf(startMs, timeZone).endMs, hourLater) : hourLater
    const within = clips.filter(({ post }) => post.postedAtMs >= startMs && post.postedAtMs < endMs)
    const label = every === 'week' ? String(Number(dateText(startMs, timeZone).slice(8))) : hourLabel(bars.length)
    bars.push({ label, clips: within.length, alerts: within.filter(({ id }) => alerted.has(id)).length })
    startMs = endMs
  }
  return bars
}

function hourLabel(hour: number): string {
  return hour % 6 === 0 ? String(hour) : ''
}

/** How often each comes, the most frequent first. */
function tally<Item>(items: readonly Item[], keyOf: (item: Item) => string): (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
}

function joined(lines: readonly NoticeLine[]): NoticeLine {
  return lines.flatMap((line, index) => (index === 0 ? line : [', ', ...line]))
}

function strong(text: string): Span {
  return { kind: 'strong', text }
}
