// How good a rule's scores are on labelled clips.
import type { LabelledScore } from '../calibration.ts'

/** What a threshold does. */
export interface ThresholdResult {
  readonly threshold: number
  /** Clips that reach it and should. */
  readonly right: number
  /** Clips that reach it and should not. */
  readonly wrong: number
  /** Clips that should reach it and do not. */
  readonly missed: number
  /** Share of those that reach it that should; null when none does. */
  readonly precision: number | null
  /** Share of those that should reach it that do; null when none should. */
  readonly recall: number | null
}

/** Counts at one threshold; a score equal to it reaches it. */
export function resultAt(scores: readonly LabelledScore[], threshold: number): ThresholdResult {
  const reached = scores.filter(({ score }) => score >= threshold)
  const right = reached.filter(({ isPositive }) => isPositive).length
  const positives = scores.filter(({ isPositive }) => isPositive).length
  return {
    threshold,
    right,
    wrong: reached.length - right,
    missed: positives - right,
    precision: reached.length === 0 ? null : right / reached.length,
    recall: positives === 0 ? null : right / positives,
  }
}

/** The result at every threshold where it changes, the highest first. */
export function thresholdCurve(scores: readonly LabelledScore[]): ThresholdResult[] {
  const thresholds = [...new Set(scores.map(({ score }) => score))].sort((a, b) => b - a)
  return thresholds.map((threshold) => resultAt(scores, threshold))
}

/** The mean precision over the clips that should be found, each at its own score; null when there is none. */
export function averagePrecision(scores: readonly LabelledScore[]): number | null {
  let [sum, before] = [0, 0]
  for (const { precision, recall } of thresholdCurve(scores)) {
    if (recall === null || precision === null) return null
    sum += (recall - before) * precision
    before = recall
  }
  return scores.length === 0 ? null : sum
}

/** Mean squared distance of the scores from 1 and 0 (Brier); 0.25 is what 0.5 for every clip gives. */
export function brierScore(scores: readonly LabelledScore[]): number | null {
  if (scores.length === 0) return null
  return scores.reduce((sum, { score, isPositive }) => sum + (score - (isPositive ? 1 : 0)) ** 2, 0) / scores.length
}
