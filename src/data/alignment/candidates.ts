// Things that may be alike, found by keys that alike ones are likely to share (locality-sensitive hashing): each thing has some
// keys, and whoever has one of them, too, is worth a closer look.
import { GrowingNumbers } from '../growing-numbers.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import { ofPrefix, type SavedArrays, savedArray, withPrefix } from '../saved-arrays.ts'

/** Under one key, so many are looked at, the latest first: a key that thousands share tells nothing. */
const MAX_LOOKED_AT = 64

/** Numbered things by their keys. */
export class Candidates {
  /** The latest link of each key, counted from 1. */
  readonly #latest = new HashCounts()
  /** Of each link, the thing and the link before it under the same key. */
  readonly #things = new GrowingNumbers()
  readonly #before = new GrowingNumbers()

  /** Adds a thing under a key. Keys are whole numbers above 0. */
  add(key: number, thing: number): void {
    this.#things.push(thing)
    this.#before.push(this.#latest.replace(key, this.#things.length))
  }

  /** Things under a key, the latest first. */
  *under(key: number): Generator<number> {
    let link = this.#latest.get(key)
    for (let looked = 0; link !== 0 && looked < MAX_LOOKED_AT; looked++) {
      yield this.#things.at(link - 1)
      link = this.#before.at(link - 1)
    }
  }

  /** All tables as they are; not copies. */
  save(): SavedArrays {
    return { ...withPrefix('latest', this.#latest.save()), things: this.#things.save(), before: this.#before.save() }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#latest.restore(ofPrefix('latest', saved))
    this.#things.restore(savedArray(saved, 'things', Uint32Array))
    this.#before.restore(savedArray(saved, 'before', Uint32Array))
  }
}
