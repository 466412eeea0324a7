// How sure a measured share is whose cases come in groups that are alike, as what several raters say of one item.
import { type Interval, wilsonInterval } from './wilson.ts'

/** Cases that were measured together. */
export interface Cluster {
  /** Those that count, 0 to all. */
  readonly part: number
  /** At least 1. */
  readonly all: number
}

/**
 * The 95 % Wilson score interval of the share of all cases, with as many cases as they are worth: one a cluster where all of
 * a cluster say the same, so that further raters do not make it narrower, and every single one where they are independent.
 * @param clusters independent of each other; none gives the interval that knows nothing, 0 to 1
 * @see N. Dean and M. Pagano, Journal of Survey Statistics and Methodology 3 (2015), 484-503, for Wilson's interval with an
 *   effective number of cases; L. Kish, Survey Sampling (1965), for that number where no spread is seen
 */
export function clusteredShareInterval(clusters: readonly Cluster[]): Interval {
  const total = sum(clusters.map(({ all }) => all))
  if (total === 0) return wilsonInterval(0, 0)
  const share = sum(clusters.map(({ part }) => part)) / total
  // That of the share as a ratio of two sums over the clusters.
  const variance = sum(clusters.map(({ part, all }) => (part - share * all) ** 2)) / total ** 2
  const showsNoSpread = share === 0 || share === 1 || clusters.length === 1
  const worth = showsNoSpread
    ? total ** 2 / sum(clusters.map(({ all }) => all ** 2)) // as if the cases of a cluster always said the same
    : (share * (1 - share)) / variance
  const cases = Math.min(worth, total)
  return wilsonInterval(share * cases, cases)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
