import { describe, expect, it } from 'vitest'
import { calibrate, fitCalibration, type LabelledScore } from '../../../src/moderation/calibration.ts'

const logistic = (odds: number) => 1 / (1 + Math.exp(-odds))

/** At each place so many of a thousand are positive as the line says, to the nearest. */
function scoresOnLine(slope: number, offset: number): LabelledScore[] {
  return [-4, -2, -1, 0, 1, 2, 4].flatMap((odds) => {
    const positives = Math.round(1000 * logistic(slope * odds + offset))
    return Array.from({ length: 1000 }, (_, index) => ({ score: logistic(odds), isPositive: index < positives }))
  })
}

describe('fitCalibration', () => {
  it.each([
    [1, 0],
    [0.5, -1],
    [2, 1],
  ])('finds the line that the labels were drawn from: slope %d, offset %d', (slope, offset) => {
    const line = fitCalibration(scoresOnLine(slope, offset))!
    // Counts are rounded to one of a thousand, and the targets are drawn in by two of some thousand.
    expect(line.slope).toBeCloseTo(slope, 1)
    expect(line.offset).toBeCloseTo(offset, 1)
  })

  it('is never quite sure, even where few labels are parted cleanly', () => {
    const line = fitCalibration([
      { score: 0.9, isPositive: true },
      { score: 0.8, isPositive: true },
      { score: 0.2, isPositive: false },
      { score: 0.1, isPositive: false },
    ])!
    // Platt's targets for two of each are 3/4 and 1/4.
    expect(calibrate(0.85, line)).toBeCloseTo(0.75, 1)
    expect(calibrate(0.15, line)).toBeCloseTo(0.25, 1)
  })

  it('gives no line where the scores say nothing, or the opposite', () => {
    expect(fitCalibration([{ score: 0.9, isPositive: true }])).toBeNull()
    const backwards = scoresOnLine(1, 0).map(({ score, isPositive }) => ({ score, isPositive: !isPositive }))
    expect(fitCalibration(backwards)).toBeNull()
    const same = [true, false, false].map((isPositive) => ({ score: 0.4, isPositive }))
    expect(fitCalibration(same)).toBeNull()
  })
})

describe('calibrate', () => {
  it('moves log-odds along the line and stays within 0 and 1', () => {
    expect(calibrate(0.3, { slope: 1, offset: 0 })).toBeCloseTo(0.3, 9)
    // The log-odds of 0.8 are ln 4; half of them are those of 2/3.
    expect(calibrate(0.8, { slope: 0.5, offset: 0 })).toBeCloseTo(2 / 3, 9)
    for (const score of [0, 1]) expect(calibrate(score, { slope: 100, offset: 0 })).toBeCloseTo(score, 9)
  })
})
