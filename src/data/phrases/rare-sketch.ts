// Tells phrases that are surely rare from the others in a fixed memory, whatever their number: most phrases of a large set
// occur once or twice and need no place in an exact table. A count-min sketch with two rows (Cormode and Muthukrishnan 2005).
import { type SavedArrays, savedArray } from '../saved-arrays.ts'

const ROW_SLOTS = 1 << 23
/** Counters hold no more; a threshold may not be above it. */
export const MAX_SKETCH_COUNT = 255

/** Counts that may be too high and are never too low. 16 MiB. */
export class RareSketch {
  #rows: readonly [Uint8Array, Uint8Array] = [new Uint8Array(ROW_SLOTS), new Uint8Array(ROW_SLOTS)]

  /** Counts a hash once more. */
  add(hash: number): void {
    const [low, high] = slotsOf(hash)
    const [first, second] = this.#rows
    if (first[low]! < MAX_SKETCH_COUNT) first[low]! += 1
    if (second[high]! < MAX_SKETCH_COUNT) second[high]! += 1
  }

  /** False only for what was counted less than `least` times. */
  mayReach(hash: number, least: number): boolean {
    const [low, high] = slotsOf(hash)
    return this.#rows[0][low]! >= least && this.#rows[1][high]! >= least
  }

  /** The counters as they are; not copies. */
  save(): SavedArrays {
    return { first: this.#rows[0], second: this.#rows[1] }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#rows = [savedArray(saved, 'first', Uint8Array), savedArray(saved, 'second', Uint8Array)]
  }
}

/** Different bits of a hash of 53. */
function slotsOf(hash: number): readonly [number, number] {
  return [(hash >>> 0) & (ROW_SLOTS - 1), Math.floor(hash / 2 ** 27) & (ROW_SLOTS - 1)]
}
