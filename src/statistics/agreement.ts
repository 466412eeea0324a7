// How far raters agree beyond what chance would give. Ratings of one thing are a row; a place without a rating is null.

/** What one rater said of one thing; null for nothing. */
export type Rating = number | string | null
/** Everything said of one thing, a place a rater. */
export type RatedThing = readonly Rating[]
/** What ratings are: names that differ or not, or numbers in an order. */
export type Scale = 'nominal' | 'ordinal'

/** Share of pairs of ratings of the same thing that are equal; null where no thing has two. */
export function observedAgreement(things: readonly RatedThing[]): number | null {
  let [equal, pairs] = [0, 0]
  for (const thing of things) {
    const given = givenOf(thing)
    for (const [place, one] of given.entries()) {
      for (const other of given.slice(place + 1)) {
        pairs += 1
        if (one === other) equal += 1
      }
    }
  }
  return pairs === 0 ? null : equal / pairs
}

/**
 * Cohen's kappa of two raters, over the things that both rated.
 * @param things two places each
 * @returns null where no thing has both, or where both always say the same one thing, so that chance leaves nothing to show
 * @see J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46
 */
export function cohenKappa(things: readonly RatedThing[]): number | null {
  const both = things.filter((thing) => givenOf(thing).length === 2)
  if (both.length === 0) return null
  const shareOf = (rater: number, rating: Rating) =>
    both.filter((thing) => thing[rater] === rating).length / both.length
  const ratings = [...new Set(both.flat())]
  const observed = both.filter(([one, other]) => one === other).length / both.length
  const expected = ratings.reduce<number>((sum, rating) => sum + shareOf(0, rating) * shareOf(1, rating), 0)
  return expected === 1 ? null : (observed - expected) / (1 - expected)
}

/**
 * Fleiss' kappa of any number of raters, over the things that have as many ratings as the most rated one.
 * @returns null where that is fewer than two, or where everybody always says the same
 * @see J. L. Fleiss, Psychological Bulletin 76 (1971), 378-382
 */
export function fleissKappa(things: readonly RatedThing[]): number | null {
  const raters = Math.max(0, ...things.map((thing) => givenOf(thing).length))
  const whole = things.map(givenOf).filter(({ length }) => length === raters)
  if (raters < 2) return null
  const ratings = [...new Set(whole.flat())]
  const countsOf = (given: readonly Rating[]) => ratings.map((rating) => given.filter((one) => one === rating).length)
  const agreements = whole.map(
    (given) => countsOf(given).reduce((sum, count) => sum + count * (count - 1), 0) / (raters * (raters - 1)),
  )
  const observed = agreements.reduce((sum, agreement) => sum + agreement, 0) / whole.length
  const totals = countsOf(whole.flat())
  const expected = totals.reduce((sum, total) => sum + (total / (whole.length * raters)) ** 2, 0)
  return expected === 1 ? null : (observed - expected) / (1 - expected)
}

/**
 * Krippendorff's alpha of any number of raters, with or without gaps: 1 less the disagreement seen over that of chance.
 * @param scale ordinal weighs how many ratings lie between two; it needs numbers
 * @returns null where no thing has two ratings, or where all ratings are the same
 * @see K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), https://repository.upenn.edu/asc_papers/43
 */
export function krippendorffAlpha(things: readonly RatedThing[], scale: Scale): number | null {
  const rated = things.map(givenOf).filter(({ length }) => length >= 2)
  const values = [...new Set(rated.flat())].toSorted((a, b) => Number(a) - Number(b))
  const totals = values.map((value) => rated.flat().filter((one) => one === value).length)
  const count = totals.reduce((sum, total) => sum + total, 0)
  const distance = scale === 'nominal' ? (a: number, b: number) => Number(a !== b) : ordinalDistance(totals)

  let [observed, expected] = [0, 0]
  for (const given of rated) {
    const places = given.map((value) => values.indexOf(value))
    let sum = 0
    for (const [index, a] of places.entries()) {
      for (const [other, b] of places.entries()) if (index !== other) sum += distance(a, b)
    }
    observed += sum / (given.length - 1)
  }
  for (const [a, total] of totals.entries()) {
    for (const [b, other] of totals.entries()) expected += total * other * distance(a, b)
  }
  return expected === 0 ? null : 1 - ((count - 1) * observed) / expected
}

/** Squared number of ratings from the middle of one value to the middle of the other. */
function ordinalDistance(totals: readonly number[]): (a: number, b: number) => number {
  const below = totals.map((_, place) => totals.slice(0, place).reduce((sum, total) => sum + total, 0))
  const middles = totals.map((total, place) => below[place]! + total / 2)
  return (a, b) => (middles[a]! - middles[b]!) ** 2
}

function givenOf(thing: RatedThing): Exclude<Rating, null>[] {
  return thing.filter((rating) => rating !== null)
}
