import { describe, expect, it } from 'vitest'
import { mean, median } from '../../../src/statistics/averages.ts'
import { bootstrapInterval } from '../../../src/statistics/bootstrap.ts'

describe('an interval by drawing anew', () => {
  it('comes close to that of theory for a mean', () => {
    // 0 to 99 have the standard deviation 28.866; the mean of a hundred drawn ones has a tenth of it.
    const numbers = Array.from({ length: 100 }, (_, index) => index)
    const { low, high } = bootstrapInterval(numbers, mean)!
    expect(Math.abs(low - (49.5 - 1.96 * 2.8866))).toBeLessThan(0.6)
    expect(Math.abs(high - (49.5 + 1.96 * 2.8866))).toBeLessThan(0.6)
  })

  it('is the same for the same seed and another for another', () => {
    const numbers = [1, 5, 2, 8, 3, 9, 4]
    const of = (seed: number) => bootstrapInterval(numbers, mean, { seed, samples: 200 })
    expect(of(1)).toEqual(of(1))
    expect([of(2), of(3), of(4)]).not.toEqual([of(1), of(1), of(1)])
  })

  it('has no width where all are equal, and no value without a case', () => {
    expect(bootstrapInterval([3, 3, 3], mean)).toEqual({ low: 3, high: 3 })
    expect(bootstrapInterval([], mean)).toBeNull()
    expect(bootstrapInterval([1, 2], () => null)).toBeNull()
  })
})

describe('the middle of some numbers', () => {
  it('is the one in between, or half way between the two', () => {
    expect([median([1, 2, 9]), median([1, 2, 4, 9]), mean([1, 2, 9])]).toEqual([2, 3, 4])
  })

  it('is none where there is no number', () => {
    expect([median([]), mean([])]).toEqual([null, null])
  })
})
