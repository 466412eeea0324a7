import { expect, it } from 'vitest'
import { ratios, summarise } from '../../bench/statistics.ts'

it('names the middle measurement and how far the middle half spreads', () => {
  expect(summarise([4, 1, 3, 2, 5])).toEqual({ median: 3, spread: 1 / 3 })
  expect(summarise([7])).toEqual({ median: 7, spread: 0 })
})

it('compares what was measured in the same turn, so that a slow turn slows both sides', () => {
  expect(ratios([10, 2, 30], [5, 1, 15])).toEqual({ median: 2, spread: 0 })
})
