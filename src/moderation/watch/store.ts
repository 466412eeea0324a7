// What moderation keeps, and the port to where it is kept; src/storage implements it. No frame is kept but the picture of an
// alert that waits for a verdict.
import type { IncomingClip } from '../../conversation/clip.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Period } from '../digest/calendar.ts'
import type { Finding, NotLookedAt } from '../finding.ts'
import type { RawScore } from '../look-by-rules.ts'
import type { WatchedPost } from '../platform/desk.ts'
import type { PictureHash } from './picture-hash.ts'

/** A channel that is watched by a command. */
export interface WatchedChannel {
  readonly channelId: string
  readonly groupId: string
  /** Channel that alerts and digests go to. */
  readonly reportTo: string
}

/** A clip of a watched post. */
export interface NewClip {
  readonly post: Omit<WatchedPost, 'clips'>
  readonly clip: IncomingClip
  readonly reportTo: string
}

/** What looking at a clip gave. */
export interface LookedOutcome {
  readonly kind: 'looked'
  readonly contentHash: string
  readonly pictureHash: PictureHash
  readonly policyVersion: string
  readonly model: string
  /** Of every rule of the server, whether or not it holds for this post: the same clip may be posted elsewhere. */
  readonly findings: readonly Finding[]
  readonly notLookedAt: readonly NotLookedAt[]
  readonly scores: Readonly<Record<string, number>>
  /** Absent in what earlier versions kept. */
  readonly rawScores?: Readonly<Record<string, RawScore>>
  /** One paragraph by the model. */
  readonly description: string
  /** Record of the same clip whose look this one cites. */
  readonly sameAs?: number
}

/** How the look at a clip ended. */
export type Outcome = OutcomeKind & {
  /** Milliseconds since 1970; absent of what was kept by versions that did not note it. */
  readonly endedAtMs?: number
}

type OutcomeKind =
  | LookedOutcome
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  /** The server's clips of that day were too many, or those of whoever posted it. */
  | { readonly kind: 'capped'; readonly of?: 'person' }

/** A clip with what is known of it. */
export interface ClipRecord extends NewClip {
  /** In the order in which they came. */
  readonly id: number
  /** Null while it waits. */
  readonly outcome: Outcome | null
}

/** What moderators made of an alert. */
export type Verdict = 'dismissed' | 'confirmed'

/** An alert to be told. */
export interface NewAlert {
  readonly rule: string
  readonly score: number
  /** PNG file. */
  readonly picture: Uint8Array | null
}

/** An alert. */
export interface AlertRecord extends NewAlert {
  readonly id: number
  readonly clip: ClipRecord
  /** Null until it is posted. */
  readonly reference: string | null
  readonly verdict: Verdict | null
  readonly decidedBy: string | null
  /** Where it was posted beside the channel for reports: a reference for each recipient, empty for one that took none. */
  readonly copies: Readonly<Record<string, string>>
}

/** Why a post about an alert is changed. */
export type ClosingReason = 'decided' | RemovalReason | 'expired'

/** Why records are removed before their time: on the platform, or because a moderator had it so. */
export type RemovalReason = 'messageDeleted' | 'placeGone' | 'recordsForgotten'

/** A post about an alert that shows what it no longer may. It is kept until the platform has changed the post. */
export interface NewClosing {
  readonly alertId: number
  readonly rule: string
  /** Channel or person that it was posted to. */
  readonly to: string
  readonly reference: string
  readonly why: ClosingReason
}

/** A closing with when it began. */
export interface Closing extends NewClosing {
  /** Milliseconds since 1970. */
  readonly sinceMs: number
}

/** What was removed. */
export interface Removed {
  readonly clips: number
  /** Posts about the alerts of those clips. */
  readonly closings: readonly Closing[]
}

/** A verdict as a label for measuring rules, with nothing of the clip that it is about. */
export interface AnonymousLabel {
  readonly rule: string
  readonly score: number
  readonly model: string
  readonly policyVersion: string
  readonly isPositive: boolean
  /** The score without calibration; absent where an earlier version looked. */
  readonly raw?: RawScore
}

/** A label of a clip. */
export interface ModerationLabel extends AnonymousLabel {
  /** Null where the message was deleted since. */
  readonly contentHash: string | null
}

/** What somebody did about a message. */
export interface AuditEntry {
  /** Of the command or press that it comes from; written down once. */
  readonly requestId: string
  readonly atMs: number
  readonly groupId: string
  readonly userId: string
  /** E.g. `delete`, `confirm`, `watch`, `forget`. */
  readonly action: string
  /** The channel, and the message where one is meant; of removed records only their kind, and as outcome how many. */
  readonly target: string
  readonly outcome: string
}

/** Records to remove: of a whole server, or of what is named within it. */
export interface ForgetScope {
  readonly groupId?: string
  readonly userId?: string
  /** A channel or thread with all that was posted in it and in its threads. */
  readonly channelId?: string
  readonly messageIds?: readonly string[]
  /** Posts about their alerts say it. */
  readonly why: RemovalReason
}

/** What tells looks that ended from looks with which the process ended. Methods may throw AppError STORAGE_FAILED. */
export interface LookLedger {
  /**
   * Notes that a look at a clip begins.
   * @returns how many have begun and not ended, this one counted; 0 when the record was removed meanwhile
   */
  begin(clipId: number): Promise<number>
  /** Takes that back: the look was left on purpose. */
  leave(clipId: number): Promise<void>
}

/** Where it is kept. Every method may throw AppError STORAGE_FAILED. */
export interface ModerationStore {
  watched(): Promise<WatchedChannel[]>
  watch(channel: WatchedChannel): Promise<void>
  unwatch(channelId: string): Promise<void>

  /** Adds clips that wait to be looked at. @returns how many are new; a clip of a post is taken once */
  addClips(clips: readonly NewClip[]): Promise<number>
  /** The oldest clip that waits. @param exceptGroups servers whose clips are passed over */
  nextWaiting(exceptGroups?: readonly string[]): Promise<ClipRecord | null>
  /** @param groupId of one server; default all */
  countWaiting(groupId?: string): Promise<number>
  /**
   * Looks at clips of a server since an instant; see countsAsLook.
   * @param authorId of one person; default of all
   */
  countLooked(groupId: string, sinceMs: number, authorId?: string): Promise<number>
  /**
   * Keeps how a look ended, with its alerts, in one step.
   * @returns false when the record was removed meanwhile; then nothing is kept
   */
  finish(clipId: number, outcome: Outcome, alerts: readonly NewAlert[]): Promise<boolean>
  /** Looked-at clips of a server under a policy and a model, the newest first; those that cite another are left out. */
  lookedAt(groupId: string, policyVersion: string, model: string): Promise<ClipRecord[]>
  clip(clipId: number): Promise<ClipRecord | null>
  /** Channels that clips are reported in, by their whole ids. */
  reportChannels(): Promise<string[]>
  /** Clips that were posted in a period and are reported in a channel, in order. */
  clipsReported(reportTo: string, period: Period): Promise<ClipRecord[]>

  /** Alerts that not all who are to be told were told yet, in order; those that were dismissed need no more. */
  unsentAlerts(): Promise<AlertRecord[]>
  /** @returns false when the alert was removed meanwhile */
  alertSent(alertId: number, reference: string): Promise<boolean>
  /** @param to another recipient than the channel for reports. @returns false when the alert was removed meanwhile */
  copySent(alertId: number, to: string, reference: string): Promise<boolean>
  /** Notes that all were told of an alert who can be. */
  alertTold(alertId: number): Promise<void>
  alert(alertId: number): Promise<AlertRecord | null>
  alertsOf(clipIds: readonly number[]): Promise<AlertRecord[]>
  countOpenAlerts(groupId: string): Promise<number>
  /**
   * Keeps a verdict and its label, lets the picture go, and begins the closing of its post, in one step.
   * @returns false when there was one already
   */
  decide(alertId: number, verdict: Verdict, userId: string): Promise<boolean>
  /** The newest verdict about a clip of this content under a rule. */
  verdictOn(groupId: string, contentHash: string, rule: string): Promise<Verdict | null>
  labels(): Promise<ModerationLabel[]>
  /** Keeps a label of a message that is gone already, until the server is forgotten or its time is over. */
  keepLabel(groupId: string, label: AnonymousLabel, postedAtMs: number): Promise<void>

  /** Writes an entry down, unless there is one of its request. */
  audit(entry: AuditEntry): Promise<void>
  auditOf(groupId: string): Promise<AuditEntry[]>

  /**
   * Removes records, also from the disk, and begins the closing of their posts, in one step. Labels of deleted messages stay as
   * `keepLabel` keeps them; for every other reason they go too.
   */
  forget(scope: ForgetScope): Promise<Removed>
  /** The same for what is older than an instant; closings that were tried since before it are given up. */
  prune(beforeMs: number): Promise<Removed>

  /** Posts that are still to be changed, the oldest first. */
  closings(): Promise<Closing[]>
  /** Begins a closing by itself, in place of an earlier one of the same post. */
  addClosing(closing: NewClosing): Promise<Closing>
  /** Ends a closing, unless another one of the same post has taken its place. */
  dropClosing(closing: Closing): Promise<void>

  /** End of the last period that a channel had a digest of. */
  digestEnd(reportTo: string): Promise<number | null>
  setDigestEnd(reportTo: string, endMs: number): Promise<void>
}
