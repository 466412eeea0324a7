// What moderators' commands do and answer.

import { dayOf, minuteText } from '../digest/calendar.ts'
import type { Digests } from '../digest/digests.ts'
import type { CommandPlace, ModerationWish } from '../platform/desk.ts'
import { joined, type Notice, type NoticeLine } from '../platform/notice.ts'
import type { Policy } from '../policy.ts'
import { questionsOf } from '../policy.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { Closings } from './closings.ts'
import { FORGET, forgetRecords } from './forget-records.ts'
import { names, policyOfServer } from './rule-scope.ts'
import type { ModerationSettings } from './settings.ts'
import type { ModerationStore } from './store.ts'
import type { UnreadableChannels } from './unreadable-channels.ts'
import type { WatchedChannels } from './watched-channels.ts'

/** What commands work with. */
export interface CommandPorts {
  readonly store: ModerationStore
  readonly policy: Policy
  readonly settings: ModerationSettings
  readonly watched: WatchedChannels
  readonly unreadable: UnreadableChannels
  readonly closings: Closings
  readonly digests: Digests
  readonly now: () => number
}

/** Does what a moderator wants. @throws AppError STORAGE_FAILED */
export async function obeyCommand(
  ports: CommandPorts,
  place: CommandPlace,
  wish: ModerationWish,
  texts: ModerationTexts,
): Promise<Notice> {
  switch (wish.name) {
    case 'watch':
      return say(texts, await watch(ports, place, wish.channelId, texts))
    case 'unwatch':
      return say(texts, await unwatch(ports, place, wish.channelId, texts))
    case 'rules':
      return say(texts, ...rulesLines(policyOfServer(ports.policy, place.groupId), texts))
    case 'digest':
      return digest(ports, place, texts)
    case 'status':
      return say(texts, ...(await statusLines(ports, place, texts)))
    case 'audit':
      return say(texts, ...(await auditLines(ports, place, texts)))
    case 'forget':
      return say(texts, [texts.forgotten(await forgetRecords(ports, place, wish))])
  }
}

/** Some lines as a post. */
export function say(texts: ModerationTexts, ...lines: readonly NoticeLine[]): Notice {
  const { restAttached, notAttached } = texts
  return { lines, restAttached, restName: 'valley.txt', notAttached }
}

async function watch(
  { watched, unreadable, store, now }: CommandPorts,
  { requestId, groupId, channelId: reportTo, userId }: CommandPlace,
  channelId: string,
  texts: ModerationTexts,
): Promise<NoticeLine> {
  const channel = { kind: 'channel', id: channelId } as const
  if (watched.isOfSettings(channelId)) return [texts.watchedAlready, channel]
  const isSame = watched.reportTo([channelId]) === reportTo
  // First what is kept once: a crash between the two has both done again.
  await store.audit({ requestId, atMs: now(), groupId, userId, action: 'watch', target: channelId, outcome: 'done' })
  await watched.watch({ channelId, groupId, reportTo })
  const isRead = !(await unreadable.has(channelId))
  return [isSame ? texts.watchedAlready : texts.watched, channel, ...(isRead ? [] : [texts.notReadable])]
}

async function unwatch(
  { watched, store, now }: CommandPorts,
  { requestId, groupId, userId }: CommandPlace,
  channelId: string,
  texts: ModerationTexts,
): Promise<NoticeLine> {
  const channel = { kind: 'channel', id: channelId } as const
  if (watched.isOfSettings(channelId)) return [texts.watchedBySettings, channel]
  if (!watched.isOfCommands(channelId)) return [texts.notWatched, channel]
  await store.audit({ requestId, atMs: now(), groupId, userId, action: 'unwatch', target: channelId, outcome: 'done' })
  await watched.unwatch(channelId)
  return [texts.unwatched, channel]
}

/** The digest of the channel where it is wanted; where no reports go it would be empty, so it is said where they do. */
async function digest(
  { watched, store, digests }: CommandPorts,
  { groupId, channelId, locale }: CommandPlace,
  texts: ModerationTexts,
): Promise<Notice> {
  const channels = [...new Set(channelsOf(watched, groupId).map(({ reportTo }) => reportTo))]
  const hasReports = names(channels, channelId) || (await store.reportChannels()).includes(channelId)
  if (channels.length === 0 || hasReports) return digests.ofToday(channelId, locale)
  const listed = channels.map((id): NoticeLine => [{ kind: 'channel', id }])
  return say(texts, [texts.digestsElsewhere, ...joined(listed)])
}

/** Watched channels of a server. Those of the settings say nothing of their server, so all of one platform are among them. */
function channelsOf(watched: WatchedChannels, groupId: string): ReturnType<WatchedChannels['all']> {
  const [platform] = groupId.split(':')
  return watched
    .all()
    .filter((one) => one.channelId.startsWith(`${platform}:`) && (one.groupId === undefined || one.groupId === groupId))
}

function rulesLines({ rules, version }: Policy, texts: ModerationTexts): NoticeLine[] {
  return [
    [{ kind: 'strong', text: texts.rulesTitle(version, rules.length) }],
    ...rules.map((rule): NoticeLine => {
      const looksFor = questionsOf(rule).join(' ') || (rule.category ?? '')
      const thresholds = texts.thresholds(rule.note.toFixed(2), rule.alert.toFixed(2))
      return ['• ', { kind: 'strong', text: rule.name }, `: ${looksFor} (${thresholds})`]
    }),
  ]
}

/** What people did, the newest first. */
async function auditLines(
  { store, settings }: CommandPorts,
  { groupId }: CommandPlace,
  texts: ModerationTexts,
): Promise<NoticeLine[]> {
  const entries = (await store.auditOf(groupId)).reverse()
  const lines = entries.map(({ atMs, userId, action, target, outcome }): NoticeLine => {
    const when = `• ${minuteText(atMs, settings.timeZone)} `
    if (action === FORGET) {
      const what = wordFor(target, texts.forgetTargets)
      return [when, { kind: 'user', id: userId }, ` ${what}: ${texts.forgotten(Number(outcome))}`]
    }
    const [channelId = target] = target.split('/')
    const act = wordFor(action, texts.verbs)
    return [
      when,
      { kind: 'user', id: userId },
      ` ${act} `,
      { kind: 'channel', id: channelId },
      `: ${wordFor(outcome, texts.outcomes)}`,
    ]
  })
  return [[{ kind: 'strong', text: texts.auditTitle(entries.length) }], ...lines]
}

/** What a kept word is called in a language; one that has no other name stays. */
function wordFor(word: string, words: Readonly<Record<string, string>>): string {
  return words[word] ?? word
}

async function statusLines(
  { watched, unreadable, store, settings, now }: CommandPorts,
  { groupId }: CommandPlace,
  texts: ModerationTexts,
): Promise<NoticeLine[]> {
  const lines: NoticeLine[] = []
  for (const { channelId, reportTo } of channelsOf(watched, groupId)) {
    const report = watched.reportTo([channelId]) ?? reportTo
    const line: NoticeLine = [
      '• ',
      { kind: 'channel', id: channelId },
      texts.reportsTo,
      { kind: 'channel', id: report },
    ]
    lines.push((await unreadable.has(channelId)) ? [...line, texts.notReadable] : line)
  }
  const today = dayOf(now(), settings.timeZone)
  return [
    [{ kind: 'strong', text: texts.statusTitle }],
    ...(lines.length === 0 ? [[texts.nothingWatched]] : []),
    ...lines,
    [
      texts.backlog(
        await store.countWaiting(groupId),
        await store.countLooked(groupId, today.startMs),
        settings.maxClipsPerDay,
      ),
    ],
    [texts.openAlerts(await store.countOpenAlerts(groupId))],
    [texts.retention(settings.retentionDays)],
  ]
}
