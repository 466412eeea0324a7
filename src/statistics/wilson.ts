// How sure a measured share is.

/** Two-sided 95 % point of the normal distribution. */
const Z_95 = 1.959963984540054

/** Bounds of a share, both in [0, 1]. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The 95 % Wilson score interval of a share, without continuity correction. Unlike the normal approximation it stays
 * within [0, 1] and holds for small counts and for shares near 0 and 1.
 * @param right successes, 0 to total
 * @param total trials; 0 gives the interval that knows nothing, 0 to 1
 * @see E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212
 */
export function wilsonInterval(right: number, total: number): Interval {
  if (total === 0) return { low: 0, high: 1 }
  const share = right / total
  const spread = Z_95 ** 2 / total
  const centre = share + spread / 2
  const halfWidth = Math.sqrt(spread * (share * (1 - share) + spread / 4))
  return {
    low: right === 0 ? 0 : (centre - halfWidth) / (1 + spread),
    high: right === total ? 1 : (centre + halfWidth) / (1 + spread),
  }
}
