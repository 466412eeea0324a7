// What is said of repeated measurements: the middle one, how far the middle half spreads, and ratios taken turn by turn, so
// that what slows the machine for a while slows both sides.

/** Several measurements of one figure. */
export interface Summary {
  readonly median: number
  /** Half the distance between the quartiles, as a share of the median. */
  readonly spread: number
}

/** @param values at least one */
export function summarise(values: readonly number[]): Summary {
  const median = quantile(values, 0.5)
  return { median, spread: (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median }
}

/** Ratios of values measured in the same turn. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarise(ours.map((value, turn) => value / theirs[turn]!))
}

/** Linear between the two nearest values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}
