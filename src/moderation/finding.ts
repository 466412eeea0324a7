// What was found in a clip, and what was not looked at.
import type { ErrorCode } from '../errors.ts'
import type { FlashMeasure } from './flashes/measure-flashes.ts'

/** A rule that a clip touches, for one stretch of it. */
export interface Finding {
  /** Name of the rule. */
  readonly rule: string
  /** `alert` when the score reaches the rule's upper threshold, `note` from the lower one on. */
  readonly level: 'note' | 'alert'
  /** The highest score of its windows, in [0, 1]; a probability when the rule is calibrated. */
  readonly score: number
  readonly isCalibrated: boolean
  readonly startSeconds: number
  readonly endSeconds: number
  /** Clip times of the frames that carry it, ascending. */
  readonly frameTimesSeconds: readonly number[]
  /** What was measured, for a rule that is measured. */
  readonly flashes?: FlashMeasure
}

/** A part of a clip that nobody looked at, or a rule that could not be judged there. */
export type NotLookedAt =
  /** It comes after the longest look. */
  | { readonly reason: 'too-long'; readonly startSeconds: number; readonly endSeconds: number }
  /** The file ends before its contents do. */
  | { readonly reason: 'cut-off'; readonly startSeconds: number }
  /** The model answered neither yes nor no. */
  | { readonly reason: 'undecided'; readonly rule: string; readonly startSeconds: number; readonly endSeconds: number }
  /** Nothing of the clip could be looked at. */
  | { readonly reason: 'failed'; readonly code: ErrorCode }

/** How sure a rule is of one window. */
export interface WindowScore {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly frameTimesSeconds: readonly number[]
  readonly score: number
}

/** The thresholds of a rule. */
export interface Thresholds {
  readonly note: number
  readonly alert: number
}

/**
 * Joins windows that follow each other and reach the lower threshold.
 * @param windows of one rule, in time order
 * @returns one finding a stretch, in time order
 */
export function joinWindows(
  rule: string,
  windows: readonly WindowScore[],
  { note, alert }: Thresholds,
  isCalibrated: boolean,
): Finding[] {
  const stretches: WindowScore[][] = []
  let isOpen = false
  for (const window of windows) {
    const isTouched = window.score >= note && window.score > 0
    if (isTouched && isOpen) stretches.at(-1)!.push(window)
    else if (isTouched) stretches.push([window])
    isOpen = isTouched
  }
  return stretches.map((stretch) => {
    const score = Math.max(...stretch.map((window) => window.score))
    return {
      rule,
      level: score >= alert ? 'alert' : 'note',
      score,
      isCalibrated,
      startSeconds: stretch[0]!.startSeconds,
      endSeconds: stretch.at(-1)!.endSeconds,
      frameTimesSeconds: stretch.flatMap(({ frameTimesSeconds }) => frameTimesSeconds),
    }
  })
}
