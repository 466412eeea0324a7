import { describe, expect, it } from 'vitest'
import { type Cluster, clusteredShareInterval } from '../../../src/statistics/clustered-share.ts'
import { wilsonInterval } from '../../../src/statistics/wilson.ts'

/** So many clusters of so many cases, of which `part` count. */
const alike = (clusters: number, part: number, all: number): Cluster[] =>
  Array.from({ length: clusters }, () => ({ part, all }))

function expectBounds(clusters: readonly Cluster[], { low, high }: { low: number; high: number }, digits = 10): void {
  const interval = clusteredShareInterval(clusters)
  expect(interval.low).toBeCloseTo(low, digits)
  expect(interval.high).toBeCloseTo(high, digits)
}

describe('clusteredShareInterval', () => {
  // The bounds are those published for single cases: R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([1, 2, 3])('counts a cluster once where its cases, %i each, say the same', (all) => {
    expectBounds([...alike(81, all, all), ...alike(263 - 81, 0, all)], { low: 0.2553, high: 0.3662 }, 4)
    expectBounds(alike(20, 0, all), { low: 0, high: 0.1611 }, 4)
    expectBounds(alike(20, all, all), { low: 1 - 0.1611, high: 1 }, 4)
  })

  it('counts every case where those of a cluster are independent', () => {
    // Two throws of a coin: a quarter of the pairs has both, a half one, a quarter none.
    expectBounds([...alike(10, 2, 2), ...alike(20, 1, 2), ...alike(10, 0, 2)], wilsonInterval(40, 80))
  })

  it('counts no more cases than there are where those of a cluster always differ', () => {
    expectBounds(alike(40, 1, 2), wilsonInterval(40, 80))
  })

  it('takes one cluster for one case', () => {
    expectBounds(alike(1, 2, 3), wilsonInterval(2 / 3, 1))
  })

  it('knows nothing without a cluster', () => {
    expect(clusteredShareInterval([])).toEqual({ low: 0, high: 1 })
  })
})
