// Digests on their schedule: one for each channel that takes reports, for each day or week once, also when Valley was not
// running at its hour.
import type { Logger } from '../../logger.ts'
import type { Notice } from '../platform/notice.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { Policy } from '../policy.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import { findingsThatHold } from '../watch/look-at-record.ts'
import type { ModerationSettings } from '../watch/settings.ts'
import type { ModerationStore } from '../watch/store.ts'
import { type DigestEvery, dayOf, lastDuePeriod, type Period } from './calendar.ts'
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

/** The digests. */
export class Digests {
  readonly #options: DigestsOptions

  constructor(options: DigestsOptions) {
    this.#options = options
  }

  /** Writes the digests that are due. @param channels that take reports. Never rejects. */
  async writeDue(channels: readonly string[]): Promise<void> {
    const { settings, store, logger, now } = this.#options
    const { digest: every, digestHour, timeZone } = settings
    if (every === 'off') return
    const period = lastDuePeriod(now(), every, digestHour, timeZone)
    for (const channelId of new Set(channels)) {
      try {
        const lastEnd = await store.digestEnd(channelId)
        // A channel that takes reports since today has missed nothing.
        if (lastEnd === null) await store.setDigestEnd(channelId, period.endMs)
        else if (lastEnd < period.endMs) await this.#post(channelId, every, period)
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

  async #post(channelId: string, every: DigestEvery, period: Period): Promise<void> {
    const { store, logger } = this.#options
    const platform = this.#options.platformOf(channelId)
    if (platform === null) return
    const notice = await this.#write(channelId, every, period)
    const posted = await platform.post(channelId, notice, `digest-${period.endMs}`)
    if (posted.kind === 'unreachable') {
      logger.warn({ channel: channelId, reason: posted.reason }, 'a digest could not be posted; it is tried again')
      return
    }
    if (posted.kind === 'refused') {
      logger.error({ channel: channelId, reason: posted.reason }, 'a digest could not be posted there')
    }
    await store.setDigestEnd(channelId, period.endMs)
  }

  async #write(channelId: string, every: DigestEvery | 'now', period: Period, locale?: string): Promise<Notice> {
    const { store, policy, settings, platformOf } = this.#options
    const clips = await store.clipsReported(channelId, period)
    const findings = new Map(clips.map((clip) => [clip.id, findingsThatHold(policy, clip)]))
    const urls = new Map<number, string>()
    for (const { id, post } of clips) {
      if ((findings.get(id) ?? []).length === 0) continue
      const url = await platformOf(post.channelId)?.linkTo(post)
      if (typeof url === 'string') urls.set(id, url)
    }
    return digestNotice({
      every,
      period,
      timeZone: settings.timeZone,
      clips,
      findings,
      urls,
      alerts: await store.alertsOf(clips.map(({ id }) => id)),
      maxClipsPerDay: settings.maxClipsPerDay,
      texts: moderationTextsFor(settings.locale, locale),
    })
  }
}
