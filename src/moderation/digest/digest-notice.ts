// The digest: what was posted, by whom and where, what it shows, what was found, and what could not be looked at. Every
// number is a count of records.
import { joined, type Notice, type NoticeLine } from '../platform/notice.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import { activityOf } from './activity.ts'
import { dateText } from './calendar.ts'
import { type DigestContent, strong, tally } from './digest-content.ts'
import { findingLines, lateLines } from './digest-findings.ts'
import { notLookedAtLines, unreadLines } from './digest-not-looked-at.ts'
import { drawActivity } from './draw-activity.ts'
import { themesOf } from './themes.ts'

/** Names in one line of the digest; the others stand at its end. */
const MOST_NAMES = 10
const MOST_THEMES = 8

/** Writes a digest; one line when nothing was posted. */
export async function digestNotice(content: DigestContent): Promise<Notice> {
  const { clips, texts, every, period, timeZone } = content
  const title = texts.digestTitle(every, dateText(period.startMs, timeZone))
  const { restAttached, notAttached } = texts
  const rest = { restAttached, restName: `digest-${dateText(period.startMs, timeZone)}.txt`, notAttached }
  const afterwards = [...notLookedAtLines(content), ...lateLines(content)]
  if (clips.length === 0) return { lines: [[texts.digestEmpty(title)], ...afterwards], ...rest }
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
    ...afterwards,
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
