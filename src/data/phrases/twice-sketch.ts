// Tells what surely came once only from what may have come twice, in a fixed memory: of millions of things that hardly ever
// repeat, few need a place in an exact table. Counters of two bits, three for each thing (a counting Bloom filter, Fan 2000).
import { type SavedArrays, savedArray } from '../saved-arrays.ts'

/** 32 MiB: of eight million things that came once, one in two hundred is taken for one that came twice. */
const COUNTERS = 1 << 27
const COUNTERS_OF_BYTE = 4
const COUNTERS_OF_THING = 3
const TWICE = 2

/** Counts up to two; never too low. */
export class TwiceSketch {
  #bytes: Uint8Array = new Uint8Array(COUNTERS / COUNTERS_OF_BYTE)

  /** Counts a hash once more. */
  add(hash: number): void {
    for (let number = 0; number < COUNTERS_OF_THING; number++) {
      const counter = counterOf(hash, number)
      if (this.#at(counter) < TWICE) this.#bytes[counter >>> 2]! += 1 << ((counter & 3) * 2)
    }
  }

  /** False only for what was counted less than twice. */
  mayBeTwice(hash: number): boolean {
    for (let number = 0; number < COUNTERS_OF_THING; number++) {
      if (this.#at(counterOf(hash, number)) < TWICE) return false
    }
    return true
  }

  /** The counters as they are; not a copy. */
  save(): SavedArrays {
    return { bytes: this.#bytes }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#bytes = savedArray(saved, 'bytes', Uint8Array)
  }

  #at(counter: number): number {
    return (this.#bytes[counter >>> 2]! >>> ((counter & 3) * 2)) & 3
  }
}

/** Three places that have as little as can be to do with each other. */
function counterOf(hash: number, number: number): number {
  const high = Math.floor(hash / 2 ** 32)
  let bits = Math.imul((hash >>> 0) ^ Math.imul(high + number * 0x3ade68b1, 0x9e3779b1), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2b2ae35)
  return (bits ^ (bits >>> 13)) >>> 5
}
