// What labelled clips say of each rule of a policy.
import { type CalibrationLine, fitCalibration, type LabelledScore } from '../calibration.ts'
import { MEASURED_CATEGORY } from '../categories.ts'
import type { Policy } from '../policy.ts'
import { calibrationOf, measuredWith } from '../rule-calibration.ts'
import type { LabelledClip } from './labelled-clips.ts'
import { averagePrecision, brierScore, calibrationError, resultAt, type ThresholdResult } from './metrics.ts'

/** A labelled clip with the rules' scores. */
export interface ReplayedClip {
  readonly clip: LabelledClip
  /** By the rule's name. */
  readonly scores: Readonly<Record<string, number>>
  /** Names of rules that the model said neither yes nor no to, somewhere in the clip; default none. */
  readonly undecided?: ReadonlySet<string>
}

/** One rule, measured. */
export interface RuleSummary {
  readonly rule: string
  readonly clips: number
  /** Clips that touch it. */
  readonly positives: number
  /** Clips that it was not judged for, at least in part; there its score says little. */
  readonly undecided: number
  readonly note: ThresholdResult
  readonly alert: ThresholdResult
  readonly averagePrecision: number | null
  readonly brierScore: number | null
  /** How far the scores are from being probabilities. */
  readonly calibrationError: number | null
  /** True when the scores were on the rule's line already. */
  readonly isCalibrated: boolean
  /** What would calibrate what the model says; null when the scores allow none, or are measured without it. */
  readonly calibration: CalibrationLine | null
  /** What it holds for beside the model; see measuredWith(). */
  readonly measuredWith: string
  readonly scores: readonly LabelledScore[]
}

/** Measures every rule on the clips that it is sure about. @param model package whose scores these are */
export function summariseReplay(
  { rules, look }: Pick<Policy, 'rules' | 'look'>,
  clips: readonly ReplayedClip[],
  model: string,
): RuleSummary[] {
  return rules.map((rule) => {
    const { name, category, note, alert } = rule
    const before = calibrationOf(rule, look, model)
    const counted = clips.filter(({ clip }) => !clip.unsure.has(name))
    const scores = counted.map(({ clip, scores: all }) => ({ score: all[name] ?? 0, isPositive: clip.shows.has(name) }))
    return {
      rule: name,
      clips: scores.length,
      positives: scores.filter(({ isPositive }) => isPositive).length,
      undecided: counted.filter(({ undecided }) => undecided?.has(name)).length,
      note: resultAt(scores, note),
      alert: resultAt(scores, alert),
      averagePrecision: averagePrecision(scores),
      brierScore: brierScore(scores),
      calibrationError: calibrationError(scores),
      isCalibrated: before !== null,
      calibration: category === MEASURED_CATEGORY ? null : after(before, fitCalibration(scores)),
      measuredWith: measuredWith(rule, look),
      scores,
    }
  })
}

/** One line for two: scores of a calibrated rule have been on the first already, and the rule can have only one. */
function after(first: CalibrationLine | null, second: CalibrationLine | null): CalibrationLine | null {
  if (first === null || second === null) return second
  return { slope: second.slope * first.slope, offset: second.slope * first.offset + second.offset }
}
