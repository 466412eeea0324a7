// Digests on their schedule: one for each channel that takes reports, for each day or week once, also when Valley was not
// running at its hour, or not for days: what was missed is made up for as far as records are kept.
import type { Logger } from '../../logger.ts'
import type { Finding } from '../finding.ts'
import type { Notice } from '../platform/notice.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { Policy } from '../policy.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import { findingsThatHold, verdictOn } from '../watch/look-at-record.ts'
import type { ModerationSettings } from '../watch/settings.ts'
import type { AlertRecord, ClipRecord, ModerationStore } from '../watch/store.ts'
import {
  type DigestEvery,
  dateText,
  dayOf,
  digestTimeAfter,
  lastDuePeriod,
  type Period,
  periodsUpTo,
} from './calendar.ts'
import { isMissed } from './digest-not-looked-at.ts'
import { digestNotice } from './digest-notice.ts'

/** What digests work with. */
export interface DigestsOptions {
  readonly store: ModerationStore
  readonly policy: Policy
  readonly settings: ModerationSettings
  readonly platformOf: (id: string) => ModeratedPlatform | null
  readonly logger: Logger
  readonly now: () => number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** To clips without a finding. Slack is asked for each, and on a bad day none of thousands can be looked at; our choice. */
const MOST_LINKS = 100

/** The digests. */
export class Digests {
  readonly #options: DigestsOptions

  constructor(options: DigestsOptions) {
    this.#options = options
  }

  /**
   * Writes the digests that are due. Never rejects.
   * @param channels that take reports
   * @param former others, for which reports were meant: they get digests of times in which there were clips
   */
  async writeDue(channels: readonly string[], former: readonly string[] = []): Promise<void> {
    const { settings, store, logger, now } = this.#options
    const { digest: every, digestHour, timeZone } = settings
    const due = lastDuePeriod(now(), every === 'off' ? 'day' : every, digestHour, timeZone)
    for (const channelId of new Set([...channels, ...former])) {
      try {
        const lastEnd = await store.digestEnd(channelId)
        if (lastEnd !== null && lastEnd >= due.endMs) continue
        // A channel that takes reports since today has missed nothing, nor has one that is to have no digests.
        if (lastEnd === null || every === 'off') await store.setDigestEnd(channelId, due.endMs)
        else await this.#postAll(channelId, every, { lastEnd, due, isFormer: !channels.includes(channelId) })
      } catch (error) {
        logger.error({ channel: channelId, err: error }, 'a digest could not be written; it is tried again')
      }
    }
  }

  /** The digest of today so far. @throws AppError STORAGE_FAILED */
  async ofToday(channelId: string, locale?: string): Promise<Notice> {
    const { settings, now } = this.#options
    return this.#write(channelId, 'now', dayOf(now(), settings.timeZone), locale)
  }

  /** Posts what is owed since the last digest, in order; the first that the platform cannot take now waits with the rest. */
  async #postAll(
    channelId: string,
    every: DigestEvery,
    { lastEnd, due, isFormer }: { readonly lastEnd: number; readonly due: Period; readonly isFormer: boolean },
  ): Promise<void> {
    const { store, settings, now } = this.#options
    const keptSinceMs = now() - settings.retentionDays * DAY_MS
    for (const period of periodsUpTo(due, Math.max(lastEnd, keptSinceMs), every, settings.timeZone)) {
      // Whether there was nothing in a time that was missed nobody knows, so only the due digest says so.
      const isOwed =
        (period.endMs === due.endMs && !isFormer) ||
        (period.startMs >= keptSinceMs && (await store.clipsReported(channelId, period)).length > 0) ||
        (isFormer && (await this.#lateClips(channelId, period)).length > 0)
      if (isOwed && !(await this.#post(channelId, every, period))) return
    }
    if (isFormer) await store.setDigestEnd(channelId, due.endMs)
  }

  /** @returns false when it is to be tried again */
  async #post(channelId: string, every: DigestEvery, period: Period): Promise<boolean> {
    const { store, settings, logger } = this.#options
    const platform = this.#options.platformOf(channelId)
    if (platform === null) return false
    const notice = await this.#write(channelId, every, period)
    const posted = await platform.post(channelId, notice, `digest-${period.endMs}`)
    const fields = { channel: channelId, from: dateText(period.startMs, settings.timeZone) }
    if (posted.kind === 'unreachable') {
      logger.warn({ ...fields, reason: posted.reason }, 'a digest could not be posted; it is tried again')
      return false
    }
    if (posted.kind === 'refused') {
      logger.error({ ...fields, reason: posted.reason }, 'a digest could not be posted there')
    }
    await store.setDigestEnd(channelId, period.endMs)
    return true
  }

  async #write(channelId: string, every: DigestEvery | 'now', period: Period, locale?: string): Promise<Notice> {
    const { store, policy, settings, platformOf } = this.#options
    const clips = await store.clipsReported(channelId, period)
    const late = every === 'now' ? [] : await this.#lateClips(channelId, period)
    const all = [...clips, ...late]
    const findings = new Map(all.map((clip) => [clip.id, findingsThatHold(policy, clip)]))
    const urls = new Map<number, string>()
    const hasFinding = ({ id }: ClipRecord) => (findings.get(id) ?? []).length > 0
    const missed = all.filter((clip) => isMissed(clip) && !hasFinding(clip)).slice(0, MOST_LINKS)
    for (const { id, post } of [...all.filter(hasFinding), ...missed]) {
      const url = await platformOf(post.channelId)?.linkTo(post)
      if (typeof url === 'string') urls.set(id, url)
    }
    const alerts = await store.alertsOf(all.map(({ id }) => id))
    return digestNotice({
      every,
      period,
      timeZone: settings.timeZone,
      clips,
      late,
      findings,
      urls,
      alerts,
      dismissedBefore: await this.#dismissedBefore(all, findings, alerts),
      maxClipsPerDay: settings.maxClipsPerDay,
      maxClipsPerPersonPerDay: settings.maxClipsPerPersonPerDay,
      texts: moderationTextsFor(settings.locale, locale),
    })
  }

  /** Clips of earlier periods whose look ended between the digest before and this one, when those are on time. */
  async #lateClips(channelId: string, { startMs, endMs }: Period): Promise<ClipRecord[]> {
    const { store, settings, now } = this.#options
    const { retentionDays, digestHour, timeZone } = settings
    const fromMs = digestTimeAfter(startMs, digestHour, timeZone)
    const toMs = digestTimeAfter(endMs, digestHour, timeZone)
    const earlier = await store.clipsReported(channelId, { startMs: now() - retentionDays * DAY_MS, endMs: startMs })
    return earlier.filter(({ outcome }) => {
      const endedAtMs = outcome?.endedAtMs ?? Number.NEGATIVE_INFINITY
      return endedAtMs >= fromMs && endedAtMs < toMs
    })
  }

  /** Rules under which a clip would have been told, had people not dismissed the same clip before; by the clip's id. */
  async #dismissedBefore(
    clips: readonly ClipRecord[],
    findings: ReadonlyMap<number, readonly Finding[]>,
    alerts: readonly AlertRecord[],
  ): Promise<Map<number, Set<string>>> {
    const raised = new Set(alerts.map(({ clip, rule }) => `${clip.id} ${rule}`))
    const dismissed = new Map<number, Set<string>>()
    for (const { id, post, outcome } of clips) {
      if (outcome?.kind !== 'looked') continue
      const found = (findings.get(id) ?? []).filter(({ level }) => level === 'alert').map(({ rule }) => rule)
      for (const rule of new Set(found)) {
        if (raised.has(`${id} ${rule}`)) continue
        if ((await verdictOn(post.groupId, outcome, rule, this.#options.store)) !== 'dismissed') continue
        dismissed.set(id, (dismissed.get(id) ?? new Set()).add(rule))
      }
    }
    return dismissed
  }
}
