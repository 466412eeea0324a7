// The middle of some numbers.

/** The mean; null without a number. */
export function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** The median; null without a number. @param sorted ascending */
export function median(sorted: readonly number[]): number | null {
  if (sorted.length === 0) return null
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}
