// What moderators' commands do and answer.

import { dayOf, minuteText } from '../digest/calendar.ts'
import type { Digests } from '../digest/digests.ts'
import type { CommandPlace, ModerationWish } from '../platform/desk.ts'
import type { Notice, NoticeLine } from '../platform/notice.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { Policy } from '../policy.ts'
import { questionsOf } from '../policy.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { Closings } from './closings.ts'
import { policyOfServer } from './rule-scope.ts'
import type { ModerationSettings } from './settings.ts'
import type { ModerationStore } from './store.ts'
import type { WatchedChannels } from './watched-channels.ts'

/** What commands work with. */
export interface CommandPorts {
  readonly store: ModerationStore
  readonly policy: Policy
  readonly settings: ModerationSettings
  readonly watched: WatchedChannels
  readonly closings: Closings
  readonly digests: Digests
  readonly platformOf: (id: string) => ModeratedPlatform | null
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
      return ports.digests.ofToday(place.channelId, place.locale)
    case 'status':
      return say(texts, ...(await statusLines(ports, place, texts)))
    case 'audit':
      return say(texts, ...(await auditLines(ports, place, texts)))
    case 'forget': {
      const { userId, messageId } = wish
      const { clips, closings } = await ports.store.forget({
        groupId: place.groupId,
        ...(userId === undefined ? {} : { userId }),
        ...(messageId === undefined ? {} : { messageIds: [messageId] }),
      })
      await ports.closings.change(closings)
      return say(texts, [texts.forgotten(clips)])
    }
  }
}

/** Some lines as a post. */
export function say(texts: ModerationTexts, ...lines: readonly NoticeLine[]): Notice {
  return { lines, restAttached: texts.restAttached, restName: 'valley.txt' }
}

async function watch(
  { watched, store, now }: CommandPorts,
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
  return [isSame ? texts.watchedAlready : texts.watched, channel]
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
    const [channelId = target] = target.split('/')
    const act = wordFor(action, texts.verbs)
    return [
      `• ${minuteText(atMs, settings.timeZone)} `,
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
  { watched, store, settings, platformOf, now }: CommandPorts,
  { groupId }: CommandPlace,
  texts: ModerationTexts,
): Promise<NoticeLine[]> {
  // Channels of the settings say nothing of their server, so all of one platform are shown.
  const [platform] = groupId.split(':')
  const channels = watched
    .all()
    .filter((one) => one.channelId.startsWith(`${platform}:`) && (one.groupId === undefined || one.groupId === groupId))
  const silent = new Set<string>()
  for (const { channelId } of channels) {
    if ((await platformOf(channelId)?.hears?.(channelId)) === false) silent.add(channelId)
  }
  const today = dayOf(now(), settings.timeZone)
  return [
    [{ kind: 'strong', text: texts.statusTitle }],
    ...(channels.length === 0 ? [[texts.nothingWatched]] : []),
    ...channels.map(({ channelId, reportTo }): NoticeLine => {
      const report = watched.reportTo([channelId]) ?? reportTo
      const watchedOne = { kind: 'channel', id: channelId } as const
      const heard = silent.has(channelId) ? [texts.notHeard] : []
      return ['• ', watchedOne, ...heard, texts.reportsTo, { kind: 'channel', id: report }]
    }),
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
