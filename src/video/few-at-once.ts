// Work done a few pieces at a time whose results come in the order of the pieces.

/**
 * Does work on items, the next ones while the receiver is busy with the results of the first.
 * @param most pieces under way at once
 * @param work gives an item's results; must settle soon after `leave` aborts
 * @param leave aborted when the receiver leaves or a piece fails, and settled work is waited for
 * @yields all results of the first item, then of the second …
 * @throws what work throws, once it is its turn
 */
export async function* inFewAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<readonly Result[]>,
  leave: AbortController,
): AsyncGenerator<Result> {
  const underWay: Promise<readonly Result[]>[] = []
  const startNext = (place: number): void => {
    const piece = items[place]
    if (piece === undefined) return
    const results = work(piece)
    results.catch(() => {}) // it is thrown when it is its turn; until then it must not count as unhandled
    underWay.push(results)
  }
  for (let place = 0; place < most; place++) startNext(place)
  try {
    for (let place = 0; place < items.length; place++) {
      const results = await underWay[0]!
      underWay.shift()
      startNext(place + most)
      yield* results
    }
  } finally {
    leave.abort()
    await Promise.allSettled(underWay)
  }
}
