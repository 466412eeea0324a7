import { describe, expect, it } from 'vitest'
import type { LabelledScore } from '../../../../src/moderation/calibration.ts'
import {
  averagePrecision,
  brierScore,
  calibrationError,
  resultAt,
  thresholdCurve,
} from '../../../../src/moderation/replay/metrics.ts'

function labelled(...scores: readonly (readonly [number, boolean])[]): LabelledScore[] {
  return scores.map(([score, isPositive]) => ({ score, isPositive }))
}

/** The second best clip should not have been found. */
const MIXED = labelled([0.2, false], [0.9, true], [0.7, true], [0.8, false])

describe('a threshold', () => {
  it('is reached by a score that equals it', () => {
    expect(resultAt(MIXED, 0.7)).toEqual({ threshold: 0.7, right: 2, wrong: 1, missed: 0, precision: 2 / 3, recall: 1 })
  })

  it('has no precision when nothing reaches it, and no recall when nothing should', () => {
    expect(resultAt(MIXED, 0.95)).toMatchObject({ right: 0, missed: 2, precision: null, recall: 0 })
    expect(resultAt(labelled([0.5, false]), 0.5)).toMatchObject({ wrong: 1, precision: 0, recall: null })
  })

  it('is tried once at each score, from the strictest on', () => {
    const curve = thresholdCurve([...MIXED, ...labelled([0.8, true])])
    expect(curve.map(({ threshold, right, wrong }) => [threshold, right, wrong])).toEqual([
      [0.9, 1, 0],
      [0.8, 2, 1],
      [0.7, 3, 1],
      [0.2, 3, 2],
    ])
  })
})

describe('all thresholds together', () => {
  it('give the mean precision at which each clip is found', () => {
    // The first is found at a precision of 1, the second at 2/3.
    expect(averagePrecision(MIXED)).toBeCloseTo((1 + 2 / 3) / 2, 12)
    expect(averagePrecision(labelled([0.9, true], [0.1, false]))).toBe(1)
  })

  it('do not depend on the order of clips with the same score', () => {
    expect(averagePrecision(labelled([0.5, true], [0.5, false]))).toBe(0.5)
    expect(averagePrecision(labelled([0.5, false], [0.5, true]))).toBe(0.5)
  })

  it('give nothing where nothing should be found', () => {
    expect([averagePrecision([]), averagePrecision(labelled([0.3, false]))]).toEqual([null, null])
  })
})

describe('the Brier score', () => {
  it('is the mean squared distance from the truth', () => {
    expect(brierScore(MIXED)).toBeCloseTo((0.2 ** 2 + 0.1 ** 2 + 0.3 ** 2 + 0.8 ** 2) / 4, 12)
    expect(brierScore(labelled([0.5, true], [0.5, false]))).toBe(0.25)
    expect(brierScore([])).toBeNull()
  })
})

describe('the calibration error', () => {
  it('is how far the scores of a bin are from the share of positives in it', () => {
    // A bin with 0.82 and 0.88, one of them right, is 0.35 off; one with 0.1 and no positive 0.1; of three clips.
    const scores = labelled([0.82, true], [0.88, false], [0.1, false])
    expect(calibrationError(scores)).toBeCloseTo((2 * Math.abs(0.85 - 0.5) + 0.1) / 3, 12)
  })

  it('is nothing for probabilities that come true, and unknown without clips', () => {
    expect(calibrationError(labelled([0.5, true], [0.5, false], [1, true], [0, false]))).toBe(0)
    expect(calibrationError([])).toBeNull()
  })
})
