// How much a detector finds when it may seldom be wrong.

/** Something weighed, and what it truly is. */
export interface Weighed {
  readonly score: number
  readonly isTrue: boolean
}

/** The best working point of a detector. */
export interface WorkingPoint {
  /** From this score on it says yes; Infinity where no threshold is precise enough. */
  readonly threshold: number
  /** True ones at or above the threshold. */
  readonly found: number
  /** True ones in all. */
  readonly total: number
}

/**
 * The threshold that finds most while at least the given share of what it finds is true. All of one score are on the
 * same side of it.
 */
export function recallAtPrecision(weighed: readonly Weighed[], precision: number): WorkingPoint {
  const total = weighed.filter(({ isTrue }) => isTrue).length
  const thresholds = [...new Set(weighed.map(({ score }) => score))].sort((a, b) => b - a)
  let best: WorkingPoint = { threshold: Number.POSITIVE_INFINITY, found: 0, total }
  for (const threshold of thresholds) {
    const above = weighed.filter(({ score }) => score >= threshold)
    const found = above.filter(({ isTrue }) => isTrue).length
    if (found >= precision * above.length && found > best.found) best = { threshold, found, total }
  }
  return best
}
