// Work on the items of a stream, some at once, whose results come in the order of the items.

/**
 * Does something with each item, up to so many at once.
 * @param work must not fail for what is wrong with one item alone: the first failure ends the stream
 */
export async function* readAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = []
  try {
    for await (const item of items) {
      const working = work(item)
      // It may fail before its turn to be awaited comes, which would end the program.
      working.catch(() => {})
      underWay.push(working)
      if (underWay.length >= atOnce) yield await underWay.shift()!
    }
    while (underWay.length > 0) yield await underWay.shift()!
  } finally {
    // Whatever ended the stream, nothing goes on behind its back.
    await Promise.allSettled(underWay)
  }
}
