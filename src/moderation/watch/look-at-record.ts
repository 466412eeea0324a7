// One clip of a watched post, from its platform to what is kept of it: an earlier look is cited where there is one, else the
// rules look, and the alerts come with their pictures while the clip is still here.
import type { IncomingClip } from '../../conversation/clip.ts'
import type { Engine } from '../../engine/engine-api.ts'
import type { OpenClip } from '../../video/open-clip.ts'
import type { Finding } from '../finding.ts'
import { lookByRules } from '../look-by-rules.ts'
import type { Policy } from '../policy.ts'
import { drawAlertPicture } from './alert-picture.ts'
import { describeClip } from './describe.ts'
import { hashPictures, looksAlike, type PictureHash } from './picture-hash.ts'
import { holdsFor, policyOfServer } from './rule-scope.ts'
import type { ClipRecord, LookedOutcome, ModerationStore, NewAlert, Verdict } from './store.ts'

/** A clip on this machine. */
export interface FetchedFile {
  readonly path: string
  /** Deletes it if it was downloaded. */
  remove(): Promise<void>
}

/** What looking works with. */
export interface LookPorts {
  readonly policy: Policy
  readonly engine: Engine
  readonly store: ModerationStore
  /** Gets the bytes of a clip. @throws AppError CLIP_…; signal.reason */
  fetchClip(clip: IncomingClip, signal: AbortSignal): Promise<FetchedFile>
  openClip(path: string, signal: AbortSignal): Promise<OpenClip>
}

/** What came of it. */
export interface RecordLook {
  readonly outcome: LookedOutcome
  readonly alerts: readonly NewAlert[]
}

/**
 * Looks at a clip.
 * @param begins called once the clip is here, before it is opened
 * @throws AppError what is wrong with the clip or the model; signal.reason
 */
export async function lookAtRecord(
  record: ClipRecord,
  ports: LookPorts,
  signal: AbortSignal,
  begins = async () => {},
): Promise<RecordLook> {
  const file = await ports.fetchClip(record.clip, signal)
  try {
    await begins()
    await using opened = await ports.openClip(file.path, signal)
    const outcome = await outcomeOf(record, opened, ports, signal)
    return { outcome, alerts: await alertsOf(record, outcome, opened, ports, signal) }
  } finally {
    await file.remove()
  }
}

async function outcomeOf(
  { post }: ClipRecord,
  opened: OpenClip,
  { policy, engine, store }: LookPorts,
  signal: AbortSignal,
): Promise<LookedOutcome> {
  const { contentHash } = opened
  const pictureHash = await hashPictures(opened, signal)
  const earlier = await store.lookedAt(post.groupId, policy.version, engine.manifest.name)
  const same = findSame(earlier, contentHash, pictureHash)
  if (same !== null) return { ...same.outcome, contentHash, pictureHash, sameAs: same.id }
  const look = await lookByRules({ opened, policy: policyOfServer(policy, post.groupId), engine, signal })
  const { findings, notLookedAt, scores, rawScores, policyVersion, model } = look
  const description = await describeClip(opened, engine, policy.look.maxDurationSeconds, signal)
  const found = { findings, notLookedAt, scores, rawScores, description }
  return { kind: 'looked', contentHash, pictureHash, policyVersion, model, ...found }
}

function findSame(
  earlier: readonly ClipRecord[],
  contentHash: string,
  pictureHash: PictureHash,
): { readonly id: number; readonly outcome: LookedOutcome } | null {
  for (const { id, outcome } of earlier) {
    if (outcome?.kind !== 'looked') continue
    if (outcome.contentHash === contentHash || looksAlike(outcome.pictureHash, pictureHash)) return { id, outcome }
  }
  return null
}

/** One alert for each rule that the post touches; none where people have dismissed the same clip before. */
async function alertsOf(
  { post }: ClipRecord,
  outcome: LookedOutcome,
  opened: OpenClip,
  { policy, store }: LookPorts,
  signal: AbortSignal,
): Promise<NewAlert[]> {
  const alerts: NewAlert[] = []
  for (const rule of policyOfServer(policy, post.groupId).rules) {
    const findings = outcome.findings.filter((finding) => finding.rule === rule.name)
    if (!holdsFor(rule, post) || !findings.some(({ level }) => level === 'alert')) continue
    if ((await verdictOn(post.groupId, outcome, rule.name, store)) === 'dismissed') continue
    const score = Math.max(...findings.map((finding) => finding.score))
    const picture = await drawAlertPicture(opened, findings, policy.look.maxDurationSeconds, signal)
    alerts.push({ rule: rule.name, score, picture })
  }
  return alerts
}

/** What people decided about the clip with these bytes, else about the one that it looks like. */
export async function verdictOn(
  groupId: string,
  { contentHash, sameAs }: LookedOutcome,
  rule: string,
  store: ModerationStore,
): Promise<Verdict | null> {
  const own = await store.verdictOn(groupId, contentHash, rule)
  if (own !== null || sameAs === undefined) return own
  const cited = (await store.clip(sameAs))?.outcome
  return cited?.kind === 'looked' ? store.verdictOn(groupId, cited.contentHash, rule) : null
}

/** The findings of a clip that hold for its post. */
export function findingsThatHold(policy: Policy, { post, outcome }: ClipRecord): readonly Finding[] {
  if (outcome?.kind !== 'looked') return []
  const holding = new Set(
    policyOfServer(policy, post.groupId)
      .rules.filter((rule) => holdsFor(rule, post))
      .map(({ name }) => name),
  )
  // A rule that was taken out of the policy since: what it found stays true.
  const known = new Set(policy.rules.map(({ name }) => name))
  return outcome.findings.filter(({ rule }) => holding.has(rule) || !known.has(rule))
}
