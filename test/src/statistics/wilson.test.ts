import { describe, expect, it } from 'vitest'
import { wilsonInterval } from '../../../src/statistics/wilson.ts'

describe('wilsonInterval', () => {
  // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I,
  // method 3 (Wilson score without continuity correction).
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published bounds for %i of %i', (right, total, low, high) => {
    const interval = wilsonInterval(right, total)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('mirrors when right and wrong change places', () => {
    const interval = wilsonInterval(29 - 1, 29)
    expect(interval.low).toBeCloseTo(1 - 0.1718, 4)
    expect(interval.high).toBeCloseTo(1 - 0.0061, 4)
  })

  it('ends exactly at 0 and at 1 when none or all are right', () => {
    expect(wilsonInterval(0, 20).low).toBe(0)
    expect(wilsonInterval(20, 20).high).toBe(1)
  })

  it('knows nothing without a trial', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})
