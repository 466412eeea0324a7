// A bit for each of a number of things that is not known before.
import { type SavedArrays, savedArray } from '../saved-arrays.ts'

const FIRST_BYTES = 1024

/** Bits that are off until they are set. */
export class GrowingBits {
  #bytes = new Uint8Array(FIRST_BYTES)

  /** Sets a bit. */
  set(index: number): void {
    const at = index >>> 3
    if (at >= this.#bytes.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[at]! |= 1 << (index & 7)
  }

  /** The bits as they are; not a copy. */
  save(): SavedArrays {
    return { bytes: this.#bytes }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#bytes = savedArray(saved, 'bytes', Uint8Array)
  }

  /** Whether a bit was set. */
  has(index: number): boolean {
    return ((this.#bytes[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0
  }
}
