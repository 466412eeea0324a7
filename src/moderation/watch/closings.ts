// Changes posts about alerts that were decided or whose clip is gone. What a platform does not do now waits in the store, also
// over a restart, and is tried again.
import type { Logger } from '../../logger.ts'
import type { Notice } from '../platform/notice.ts'
import type { ModeratedPlatform, ReplaceOutcome } from '../platform/platform.ts'
import { closedNotice, removedNotice } from './alert-notice.ts'
import { type AlertPorts, alertOptions, languagesOf } from './alert-options.ts'
import type { AlertRecord, Closing } from './store.ts'

/** What closings work with. */
export interface ClosingsOptions extends AlertPorts {
  readonly logger: Logger
  readonly now: () => number
  /** For so long whoever began a closing tries it before others do; default 30 s. */
  readonly firstTryMs?: number
}

const FIRST_TRY_MS = 30_000
/** A platform that fails so often is not asked again at once. */
const MOST_FAILURES = 3
/** Posts that are changed at a time, so that digests and alerts need not wait for all. */
const MOST_AT_ONCE = 100

/** The posts that are to be changed. */
export class Closings {
  readonly #options: ClosingsOptions

  constructor(options: ClosingsOptions) {
    this.#options = options
  }

  /** Changes posts that were to be changed before and could not be. Never rejects. */
  async workOff(): Promise<void> {
    const { store, now, firstTryMs = FIRST_TRY_MS, logger } = this.#options
    try {
      const closings = await store.closings()
      await this.change(closings.filter(({ sinceMs }) => sinceMs <= now() - firstTryMs).slice(0, MOST_AT_ONCE))
    } catch (error) {
      logger.error({ err: error }, 'posts about alerts could not be changed; they are changed later')
    }
  }

  /** Changes the posts about an alert now. @throws AppError STORAGE_FAILED */
  async changeOf(alert: AlertRecord): Promise<void> {
    const closings = await this.#options.store.closings()
    await this.change(closings.filter(({ alertId }) => alertId === alert.id))
  }

  /** Changes posts now; those that cannot be wait. Never rejects. */
  async change(closings: readonly Closing[]): Promise<void> {
    const { store, platformOf, logger } = this.#options
    const failures = new Map<string, number>()
    for (const closing of closings) {
      const { to, rule, why, alertId } = closing
      const platform = platformOf(to)
      const failed = failures.get(platform?.platform ?? '') ?? 0
      if (platform === null || failed >= MOST_FAILURES) continue
      const fields = { alert: alertId, channel: to, rule, why }
      try {
        const outcome = await this.#replace(closing, platform)
        if (outcome === 'unreachable') {
          failures.set(platform.platform, failed + 1)
          logger.warn(fields, 'a post about an alert could not be changed; it is tried again')
          continue
        }
        if (outcome === 'gone') logger.info(fields, 'a post about an alert cannot be changed any more')
        await store.dropClosing(closing)
      } catch (error) {
        logger.error({ ...fields, err: error }, 'a post about an alert could not be changed; it is tried again')
      }
    }
  }

  async #replace(closing: Closing, platform: ModeratedPlatform): Promise<ReplaceOutcome> {
    const { to, reference, rule, why, alertId } = closing
    if (why !== 'decided') {
      const [texts] = languagesOf(rule, this.#options)
      return await platform.replace(to, reference, removedNotice(rule, texts, texts[why]))
    }
    const alert = await this.#options.store.alert(alertId)
    // Removed since then, which began a closing of its own.
    if (alert === null) return 'gone'
    return await platform.replace(to, reference, await this.#verdictOn(alert, platform))
  }

  async #verdictOn(alert: AlertRecord, platform: ModeratedPlatform): Promise<Notice> {
    const options = await alertOptions(alert, platform, this.#options)
    const [texts] = options.languages
    const words = alert.verdict === 'dismissed' ? texts.dismissedBy : texts.confirmedBy
    return closedNotice(alert, options, [words, { kind: 'user', id: alert.decidedBy ?? '' }])
  }
}
