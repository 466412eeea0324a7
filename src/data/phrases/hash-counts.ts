// Counts of many things that are known by their hash: two tables of numbers, a tenth of the memory that a Map takes.
import { type SavedArrays, savedArray } from '../saved-arrays.ts'

const FIRST_CAPACITY = 1 << 16
/** Fuller tables take ever longer to search. */
const MAX_LOAD = 0.6

/** Counts by hash. Hashes are whole numbers above 0. */
export class HashCounts {
  #hashes = new Float64Array(FIRST_CAPACITY)
  #counts = new Uint32Array(FIRST_CAPACITY)
  #size = 0

  /** How many hashes were counted. */
  get size(): number {
    return this.#size
  }

  /** Counts one more. @returns how many there were before */
  add(hash: number): number {
    if (this.#size >= this.#hashes.length * MAX_LOAD) this.#grow()
    const slot = this.#slotOf(hash)
    if (this.#hashes[slot] === 0) {
      this.#hashes[slot] = hash
      this.#size += 1
    }
    return this.#counts[slot]!++
  }

  /** Puts a number in the place of a count. @returns what was there */
  replace(hash: number, count: number): number {
    const before = this.add(hash)
    this.#counts[this.#slotOf(hash)] = count
    return before
  }

  /** How many were counted; 0 for what never was. */
  get(hash: number): number {
    return this.#counts[this.#slotOf(hash)]!
  }

  /** Every count, in no order. */
  *counts(): Generator<number> {
    for (const count of this.#counts) if (count > 0) yield count
  }

  /** The tables as they are; not copies. */
  save(): SavedArrays {
    return { hashes: this.#hashes, counts: this.#counts }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#hashes = savedArray(saved, 'hashes', Float64Array)
    this.#counts = savedArray(saved, 'counts', Uint32Array)
    this.#size = this.#hashes.reduce((size, hash) => (hash === 0 ? size : size + 1), 0)
  }

  #slotOf(hash: number): number {
    const last = this.#hashes.length - 1
    let slot = (hash ^ Math.floor(hash / 2 ** 32)) & last
    while (this.#hashes[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & last
    return slot
  }

  #grow(): void {
    const [hashes, counts] = [this.#hashes, this.#counts]
    this.#hashes = new Float64Array(hashes.length * 2)
    this.#counts = new Uint32Array(hashes.length * 2)
    for (const [index, hash] of hashes.entries()) {
      if (hash === 0) continue
      const slot = this.#slotOf(hash)
      this.#hashes[slot] = hash
      this.#counts[slot] = counts[index]!
    }
  }
}
