// What an operator chooses about moderation, as plain values.
import type { DigestEvery } from '../digest/calendar.ts'
import type { AlertAction } from '../platform/notice.ts'

/** How moderation works. */
export interface ModerationSettings {
  /** Channels that are watched whatever commands say. Slack's may be named without their workspace. */
  readonly watch: readonly { readonly channelId: string; readonly reportTo: string }[]
  /** Of servers, e.g. `Europe/Madrid`. */
  readonly timeZone: string
  /** `off`: only when somebody asks. */
  readonly digest: DigestEvery | 'off'
  /** Local hour at which the digest of the day or week before is written, 0 to 23. */
  readonly digestHour: number
  /** Looks a day in one server; clips whose finding is cited do not count. */
  readonly maxClipsPerDay: number
  /** The same at clips of one person, so that nobody uses up the day of all. */
  readonly maxClipsPerPersonPerDay: number
  readonly retentionDays: number
  /** What buttons may do on the platform. */
  readonly actions: readonly AlertAction[]
  /** Language of digests, and of replies where the platform tells none. */
  readonly locale?: string
  /** People who may moderate beside those whom the platform lets. */
  readonly moderators: readonly string[]
}
