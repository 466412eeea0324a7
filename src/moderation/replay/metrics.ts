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

/** Bins of equal width that calibrationError compares. */
const CALIBRATION_BINS = 10

/**
 * How far scores are from being probabilities: in each of ten bins the mean score beside the share of positives, and the mean
 * of their distances, each bin as heavy as it has clips (expected calibration error). 0 is best.
 * @see M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (2015)
 */
export function calibrationError(scores: readonly LabelledScore[]): number | null {
  if (scores.length === 0) return null
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ scores: 0, positives: 0 }))
  for (const { score, isPositive } of scores) {
    // A score of 1 belongs to the last bin.
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(score * CALIBRATION_BINS))]!
    bin.scores += score
    bin.positives += isPositive ? 1 : 0
  }
  // A bin's weight times its distance: the number of its clips is both factor and divisor.
  return bins.reduce((sum, bin) => sum + Math.abs(bin.scores - bin.positives), 0) / scores.length
}
