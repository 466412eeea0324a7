// One clip, looked at by all rules of a policy: flashes are measured over every picture, the other rules are asked of the
// model window by window. Each question is asked by itself and no word of a post goes with it, so that nothing written in a
// clip or beside it can speak for another rule.
import type { Engine } from '../engine/engine-api.ts'
import type { Frame } from '../video/frame.ts'
import type { OpenClip } from '../video/open-clip.ts'
import { askYesNo } from './ask-yes-no.ts'
import { calibrate } from './calibration.ts'
import { MEASURED_CATEGORY } from './categories.ts'
import { type Finding, joinWindows, type NotLookedAt, type WindowScore } from './finding.ts'
import { flashGridOf } from './flashes/flash-grid.ts'
import { type FlashMeasure, measureFlashes, type TimeSpan } from './flashes/measure-flashes.ts'
import { type Policy, questionsOf } from './policy.ts'
import type { Rule } from './policy-schema.ts'
import { calibrationOf, measuredWith } from './rule-calibration.ts'
import { decodeWindows } from './window-frames.ts'
import { cutWindows } from './windows.ts'

/** What came of looking at a clip. */
export interface Look {
  readonly contentHash: string
  readonly policyVersion: string
  /** Name of the model package that answered. */
  readonly model: string
  readonly durationSeconds: number
  /** In the order of the rules, then of time. */
  readonly findings: readonly Finding[]
  readonly notLookedAt: readonly NotLookedAt[]
  /** Highest score of each rule, by its name; for replay and for the record. */
  readonly scores: Readonly<Record<string, number>>
  /** The same without calibration, so that they can be compared when that has changed. */
  readonly rawScores: Readonly<Record<string, RawScore>>
}

/** A score as the model gave it. */
export interface RawScore {
  readonly score: number
  /** See measuredWith(). */
  readonly measuredWith: string
}

/** What is looked at and by what. */
export interface LookByRulesRequest {
  readonly opened: OpenClip
  readonly policy: Pick<Policy, 'look' | 'rules' | 'version'>
  readonly engine: Engine
  /** Called after each window. */
  readonly onWindow?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** Below this probability of yes or no together an answer is neither. */
const LEAST_DECIDED = 0.5
/** Frames are scaled down to this many times what the model takes, so that its own filter still has something to do. */
const SIZE_FACTOR = 2

/**
 * Looks at a clip.
 * @throws AppError what decoding and the engine throw; signal.reason
 */
export async function lookByRules(request: LookByRulesRequest): Promise<Look> {
  const { opened, policy, engine, signal } = request
  const { info } = opened
  const { maxDurationSeconds } = policy.look
  const measured = policy.rules.filter(({ category }) => category === MEASURED_CATEGORY)
  const asked = policy.rules.filter(({ category }) => category !== MEASURED_CATEGORY)
  const notLookedAt: NotLookedAt[] = []
  if (info.durationSeconds > maxDurationSeconds) {
    notLookedAt.push({ reason: 'too-long', startSeconds: maxDurationSeconds, endSeconds: info.durationSeconds })
  }
  if (info.timeline.isCutOff) notLookedAt.push({ reason: 'cut-off', startSeconds: info.durationSeconds })

  const flashes = measured.length === 0 ? [] : await measureClip(opened, maxDurationSeconds, signal)
  const windows = asked.length === 0 ? new Map<string, AskedWindow[]>() : await askWindows(request, asked, notLookedAt)
  const scores: Record<string, number> = {}
  const rawScores: Record<string, RawScore> = {}
  const findings = policy.rules.flatMap((rule) => {
    const isCalibrated = calibrationOf(rule, policy.look, engine.manifest.name) !== null
    const found =
      rule.category === MEASURED_CATEGORY
        ? findFlashes(rule, flashes)
        : joinWindows(rule.name, windows.get(rule.name)!, rule, isCalibrated)
    const all = windows.get(rule.name) ?? found
    scores[rule.name] = Math.max(0, ...all.map(({ score }) => score))
    const raw = windows.get(rule.name)?.map(({ rawScore }) => rawScore) ?? [scores[rule.name]!]
    rawScores[rule.name] = { score: Math.max(0, ...raw), measuredWith: measuredWith(rule, policy.look) }
    return found
  })
  return {
    contentHash: opened.contentHash,
    policyVersion: policy.version,
    model: engine.manifest.name,
    durationSeconds: info.durationSeconds,
    findings,
    notLookedAt,
    scores,
    rawScores,
  }
}

async function measureClip(
  opened: OpenClip,
  lastSeconds: number,
  signal: AbortSignal | undefined,
): Promise<readonly FlashMeasure[]> {
  const grid = flashGridOf(opened.info)
  return measureFlashes(opened.decodeTiny(grid, { lastSeconds, signal }), grid)
}

/** What is too much is certain, so the score is 1. */
function findFlashes(rule: Rule, measures: readonly FlashMeasure[]): Finding[] {
  return measures.flatMap((flashes) =>
    flashes.spans.map(({ startSeconds, endSeconds }) => ({
      rule: rule.name,
      level: 'alert' as const,
      score: 1,
      isCalibrated: false,
      startSeconds,
      endSeconds,
      frameTimesSeconds: [startSeconds, endSeconds],
      flashes,
    })),
  )
}

/** How sure a rule is of one window, with and without its calibration. */
interface AskedWindow extends WindowScore {
  readonly rawScore: number
}

/** Asks every question of every rule of every window. */
async function askWindows(
  { opened, policy, engine, onWindow, signal }: LookByRulesRequest,
  rules: readonly Rule[],
  notLookedAt: NotLookedAt[],
): Promise<Map<string, AskedWindow[]>> {
  const { info, contentHash, kind } = opened
  const { manifest } = engine
  const framesPerWindow = Math.min(policy.look.framesPerWindow, manifest.maxFrames)
  const windows = cutWindows(info.timeline.timesSeconds, info.durationSeconds, { ...policy.look, framesPerWindow })
  const scores = new Map<string, AskedWindow[]>(rules.map(({ name }) => [name, []]))
  const lines = new Map(rules.map((rule) => [rule, calibrationOf(rule, policy.look, manifest.name)]))
  const threadId = `moderation:${contentHash}`
  const maxShortSidePixels = manifest.pixels[kind].resizePixels * SIZE_FACTOR
  try {
    let done = 0
    for await (const { window, frames } of decodeWindows(opened, windows, maxShortSidePixels, signal)) {
      const { startSeconds, endSeconds } = window
      const key = `${threadId}:${startSeconds}-${endSeconds}:${framesPerWindow}`
      const frameTimesSeconds = frames.map(({ timeSeconds }) => timeSeconds)
      await engine.encodeClip({ key, kind, frames: oneByOne(frames), ...(signal === undefined ? {} : { signal }) })
      try {
        for (const rule of rules) {
          const { score: rawScore, decided } = await askRule(engine, threadId, key, rule, signal)
          const line = lines.get(rule)
          const score = line == null || decided < LEAST_DECIDED ? rawScore : calibrate(rawScore, line)
          scores.get(rule.name)!.push({ startSeconds, endSeconds, frameTimesSeconds, score, rawScore })
          if (decided < LEAST_DECIDED) addUndecided(notLookedAt, rule.name, { startSeconds, endSeconds })
        }
      } finally {
        // People's questions are not to lose their clips to windows that nobody asks about again.
        engine.dropClip(key)
      }
      onWindow?.(++done, windows.length)
    }
  } finally {
    await engine.forget(threadId)
  }
  return scores
}

/** Notes a window that a rule was not judged for; windows that follow each other are one part. */
function addUndecided(notLookedAt: NotLookedAt[], rule: string, window: TimeSpan): void {
  const last = notLookedAt.findLastIndex((part) => part.reason === 'undecided' && part.rule === rule)
  const before = notLookedAt[last]
  if (before?.reason === 'undecided' && before.endSeconds === window.startSeconds) {
    notLookedAt[last] = { ...before, endSeconds: window.endSeconds }
  } else notLookedAt.push({ reason: 'undecided', rule, ...window })
}

/** A rule is as likely as the likeliest of its questions; what the model does not decide counts for nothing. */
async function askRule(
  engine: Engine,
  threadId: string,
  key: string,
  rule: Rule,
  signal: AbortSignal | undefined,
): Promise<{ readonly score: number; readonly decided: number }> {
  let [best, decided] = [0, 0]
  for (const question of questionsOf(rule)) {
    const answer = await askYesNo(engine, threadId, key, question, signal)
    decided = Math.max(decided, answer.decided)
    if (answer.decided >= LEAST_DECIDED) best = Math.max(best, answer.score)
  }
  return { score: best, decided }
}

async function* oneByOne(frames: readonly Frame[]): AsyncGenerator<Frame> {
  yield* frames
}
