// Counts of what streams by, in as much memory as there are bars.

/** One bar. */
export interface Bar {
  readonly name: string
  readonly count: number
}

/** Names beyond these are counted together. */
const MAX_NAMES = 500

/** Counts numbers between edges. */
export class Histogram {
  readonly #edges: readonly number[]
  readonly #unit: string
  readonly #counts: number[]
  #total = 0
  #sum = 0

  /** @param edges where bars begin, ascending whole numbers; the last bar has no end. Smaller numbers are in the first. */
  constructor(edges: readonly number[], unit = '') {
    this.#edges = edges
    this.#unit = unit
    this.#counts = edges.map(() => 0)
  }

  /** Counts a number. */
  add(value: number): void {
    const after = this.#edges.findIndex((edge) => edge > value)
    const place = after < 0 ? this.#edges.length - 1 : Math.max(0, after - 1)
    this.#counts[place] = this.#counts[place]! + 1
    this.#total += 1
    this.#sum += value
  }

  /** How many numbers there were. */
  get total(): number {
    return this.#total
  }

  /** Their mean; 0 without one. */
  get mean(): number {
    return this.#total === 0 ? 0 : this.#sum / this.#total
  }

  /** From the first bar to the last that has a count. */
  bars(): Bar[] {
    const filled = this.#counts.map((count, place) => (count > 0 ? place : -1)).filter((place) => place >= 0)
    const [first = 0, last = -1] = [filled[0], filled.at(-1)]
    return this.#counts.slice(first, last + 1).map((count, index) => ({ name: this.#nameOf(first + index), count }))
  }

  #nameOf(place: number): string {
    const [from, next] = [this.#edges[place]!, this.#edges[place + 1]]
    if (next === undefined) return `${from} and more${this.#unit}`
    return next - from === 1 ? `${from}${this.#unit}` : `${from} to ${next - 1}${this.#unit}`
  }
}

/** Counts names. */
export class NameCounts {
  readonly #counts = new Map<string, number>()
  #others = 0

  /** Counts a name once more. */
  add(name: string): void {
    const count = this.#counts.get(name)
    if (count === undefined && this.#counts.size >= MAX_NAMES) this.#others += 1
    else this.#counts.set(name, (count ?? 0) + 1)
  }

  /** The most frequent names, then all others as one. */
  bars(most: number): Bar[] {
    const sorted = [...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    const others = sorted.slice(most).reduce((sum, [, count]) => sum + count, this.#others)
    const bars = sorted.slice(0, most).map(([name, count]) => ({ name, count }))
    return others > 0 ? [...bars, { name: 'others', count: others }] : bars
  }
}
