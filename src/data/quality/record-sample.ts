// Some of many items, drawn while they stream by: every item has the same chance, and memory holds no more than the sample.
import { drawnFrom } from '../phrases/text-hash.ts'

/** Draws by a seed; the same items in the same order give the same sample. */
export class StreamSample<Item> {
  readonly #size: number
  readonly #seed: number
  /** Ascending by what was drawn for each. */
  readonly #kept: { readonly drawn: number; readonly item: Item }[] = []
  #seen = 0

  constructor(size: number, seed: number) {
    this.#size = size
    this.#seed = seed
  }

  /** How many items came by. */
  get seen(): number {
    return this.#seen
  }

  /** Takes notice of an item. */
  offer(item: Item): void {
    const drawn = drawnFrom(this.#seed, this.#seen, 1)
    this.#seen += 1
    const last = this.#kept.at(-1)
    if (this.#kept.length >= this.#size && (last === undefined || drawn >= last.drawn)) return
    let [low, high] = [0, this.#kept.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#kept[middle]!.drawn < drawn) low = middle + 1
      else high = middle
    }
    this.#kept.splice(low, 0, { drawn, item })
    if (this.#kept.length > this.#size) this.#kept.pop()
  }

  /** The sample, in an order that was drawn, too: its first ones are a sample of it. */
  items(): Item[] {
    return this.#kept.map(({ item }) => item)
  }
}
