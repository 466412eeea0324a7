// Every text of moderation that people read, as a type: a language that lacks one does not compile.
import type { ErrorCode } from '../../errors.ts'
import type { DigestEvery } from '../digest/calendar.ts'
import type { Finding } from '../finding.ts'
import type { ForgetTarget, ModerationCommandName } from '../platform/desk.ts'
import type { AlertAction, AlertVerb } from '../platform/notice.ts'
import type { ActionOutcome } from '../platform/platform.ts'

/** All texts of one language. */
export interface ModerationTexts {
  /** What each command does, at most 100 characters. */
  readonly commands: Readonly<Record<ModerationCommandName, string>>
  /** What the command parameters are, at most 100 characters. */
  readonly parameters: Readonly<Record<'channel' | 'user' | 'message' | 'everything', string>>

  /** Said to a person alone who may not do that. */
  readonly mayNot: string
  /** Said when something went wrong that the log tells more of. */
  readonly failed: string
  /** Said under a text that was cut. */
  readonly restAttached: string
  /** Said under a text whose picture and files could not be attached. */
  readonly notAttached: string

  /** Each followed by the channel. */
  readonly watched: string
  readonly watchedAlready: string
  readonly unwatched: string
  readonly notWatched: string
  /** Said of a channel that the settings file names. */
  readonly watchedBySettings: string
  /** Said when a command does not say which channel, person or message it means. */
  readonly channelWanted: (command: string) => string
  /** The same where a platform's command has options, `user`, `message` and `everything`, not words. */
  readonly forgetWanted: string
  readonly forgotten: (records: number) => string
  /** What somebody did by it, in the audit log. */
  readonly forgetTargets: Readonly<Record<ForgetTarget, string>>

  readonly rulesTitle: (version: string, count: number) => string
  /** E.g. `told from 0.80, noted from 0.50`. */
  readonly thresholds: (note: string, alert: string) => string
  readonly statusTitle: string
  /** Followed by the channel. */
  readonly reportsTo: string
  /** Said behind a channel that is watched. */
  readonly notReadable: string
  readonly nothingWatched: string
  readonly backlog: (waiting: number, lookedAtToday: number, mostADay: number) => string
  readonly openAlerts: (count: number) => string
  readonly retention: (days: number) => string
  readonly auditTitle: (count: number) => string

  readonly alertTitle: (rule: string) => string
  readonly labels: Readonly<
    Record<
      'message' | 'author' | 'channel' | 'score' | 'span' | 'description' | 'notLookedAt' | 'earlier' | 'rules',
      string
    >
  >
  /** Said beside a score. */
  readonly calibrated: string
  readonly uncalibrated: string
  readonly flashes: (perSecond: number) => string
  readonly tooLong: (fromClock: string) => string
  readonly cutOff: (fromClock: string) => string
  readonly undecided: (span: string) => string
  /** Describes the picture; times as `0:07`. */
  readonly picture: (times: readonly string[]) => string
  readonly verbs: Readonly<Record<AlertVerb | 'reveal', string>>
  /** Asked before an action. */
  readonly confirmations: Readonly<Record<AlertAction, string>>
  readonly yes: string
  readonly no: string
  /** Said to whoever pressed. */
  readonly outcomes: Readonly<Record<ActionOutcome, string>>
  readonly alertClosed: string
  readonly pictureGone: string
  /** Said to whoever wants to see it again. */
  readonly pictureShown: string
  /** Each followed by the person. */
  readonly dismissedBy: string
  readonly confirmedBy: string
  readonly messageDeleted: string
  /** Said of an alert in a channel or server that is gone. */
  readonly placeGone: string
  /** Said where a moderator had records removed. */
  readonly recordsForgotten: string
  /** Said of an alert about a clip that was posted longer ago than records are kept. */
  readonly expired: string
  readonly threadName: (rule: string) => string

  readonly digestTitle: (every: DigestEvery | 'now', date: string) => string
  readonly digestEmpty: (title: string) => string
  /** Said where no digest comes; followed by the channels that have one. */
  readonly digestsElsewhere: string
  readonly counts: (clips: number, authors: number, channels: number) => string
  readonly seenBefore: (count: number) => string
  readonly digestHeads: Readonly<
    Record<'authors' | 'channels' | 'themes' | 'findings' | 'dismissed' | 'unread' | 'partly', string>
  >
  readonly otherClips: string
  readonly noFindings: string
  readonly capped: (count: number, most: number) => string
  /** The same of clips of one person. */
  readonly cappedPerson: (count: number, most: number) => string
  /** Why one of them was not. */
  readonly overTheMost: string
  readonly stillWaiting: (count: number) => string
  readonly unread: (count: number, code: ErrorCode) => string
  /** What the codes mean that clips bring most. */
  readonly unreadReasons: Readonly<Partial<Record<ErrorCode, string>>>
  /** What became of a finding: noted, told (`alert`), refused by the platform, waiting to be told, or no alert raised. */
  readonly levels: Readonly<Record<Finding['level'] | 'refused' | 'waiting' | 'untold', string>>
  readonly andOthers: (count: number) => string
  readonly activity: string

  /** For the rules page of a server. */
  readonly notice: (retentionDays: number) => string
}
