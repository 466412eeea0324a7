// Captions that say nearly the same. Alike are those whose pairs of neighbouring words are mostly the same (Jaccard index of
// the two sets). Which to compare is found by MinHash (Broder 1997): of many orders of all pairs, the first pair of each
// caption; some of these together are a key, and captions that share one are compared in full.
//
// Most captions are like no other, and nothing of them is kept: a first reading marks in a sketch of fixed size which keys come
// twice, a second keeps the pairs of the captions that have one.
import { GrowingNumbers } from '../growing-numbers.ts'
import { hashNumbers, hashText } from '../phrases/text-hash.ts'
import { TwiceSketch } from '../phrases/twice-sketch.ts'
import { ofPrefix, type SavedArrays, savedArray, withPrefix } from '../saved-arrays.ts'
import { Candidates } from './candidates.ts'

/** Shares of the same pairs below this are no likeness. */
export const LEAST_LIKENESS = 0.5
/** Of likenesses from this on, keys of four orders miss less than one in ten; below, keys of two are needed. */
const HIGH_LIKENESS = 0.7

/** Finds captions that are like one that was kept. */
export class NearCaptions {
  readonly #likeness: number
  readonly #keys: number
  readonly #ordersOfKey: number
  readonly #sketch = new TwiceSketch()
  readonly #candidates = new Candidates()
  /** Pairs of the captions that were kept, one caption's after another's, and where each caption's begin. */
  readonly #pairs = new GrowingNumbers()
  readonly #starts = new GrowingNumbers()

  /** @param likeness from which share of the same pairs on captions are alike, from LEAST_LIKENESS to 1 */
  constructor(likeness: number) {
    this.#likeness = likeness
    const isHigh = likeness >= HIGH_LIKENESS
    this.#ordersOfKey = isHigh ? 4 : 2
    this.#keys = isHigh ? 8 : 16
  }

  /** First reading: marks the keys of a caption. @param words in their order */
  look(words: readonly string[]): void {
    for (const key of this.#keysOf(pairsOf(words))) this.#sketch.add(key)
  }

  /** Second reading, of the same captions: whether one is like an earlier one that was not; such a one is kept in mind. */
  isLikeEarlier(words: readonly string[]): boolean {
    const pairs = pairsOf(words)
    const keys = this.#keysOf(pairs).filter((key) => this.#sketch.mayBeTwice(key))
    if (keys.length === 0) return false
    for (const key of keys) {
      for (const caption of this.#candidates.under(key)) {
        if (likenessOf(pairs, this.#pairsOfCaption(caption)) >= this.#likeness) return true
      }
    }
    const caption = this.#starts.length
    this.#starts.push(this.#pairs.length)
    for (const pair of pairs) this.#pairs.push(pair)
    for (const key of keys) this.#candidates.add(key, caption)
    return false
  }

  /** All tables as they are; not copies. */
  save(): SavedArrays {
    return {
      ...withPrefix('sketch', this.#sketch.save()),
      ...withPrefix('candidates', this.#candidates.save()),
      pairs: this.#pairs.save(),
      starts: this.#starts.save(),
    }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#sketch.restore(ofPrefix('sketch', saved))
    this.#candidates.restore(ofPrefix('candidates', saved))
    this.#pairs.restore(savedArray(saved, 'pairs', Uint32Array))
    this.#starts.restore(savedArray(saved, 'starts', Uint32Array))
  }

  #pairsOfCaption(caption: number): Uint32Array {
    const end = caption + 1 < this.#starts.length ? this.#starts.at(caption + 1) : this.#pairs.length
    return this.#pairs.between(this.#starts.at(caption), end)
  }

  #keysOf(pairs: Uint32Array): number[] {
    if (pairs.length === 0) return []
    return Array.from({ length: this.#keys }, (_, key) => {
      const numbers = [key]
      for (let order = 0; order < this.#ordersOfKey; order++) {
        numbers.push(firstIn(pairs, key * this.#ordersOfKey + order))
      }
      return hashNumbers(numbers)
    })
  }
}

/** Hashes of the pairs of neighbouring words, each once, ascending; of one word alone that word. */
function pairsOf(words: readonly string[]): Uint32Array {
  const texts = words.length < 2 ? words : words.slice(1).map((word, index) => `${words[index]} ${word}`)
  return Uint32Array.from(new Set(texts.map((text) => hashText(text) >>> 0))).sort()
}

/** The pair that comes first in one of many orders. */
function firstIn(pairs: Uint32Array, order: number): number {
  // An odd factor and a mix of the bits bring all numbers into an order of their own (xxHash's constants).
  const factor = (Math.imul(order, 0x9e3779b1) ^ 0x85ebca77) | 1
  let first = 0xffffffff
  for (const pair of pairs) {
    let place = Math.imul(pair ^ factor, factor)
    place = Math.imul(place ^ (place >>> 15), 0xc2b2ae3d)
    place = (place ^ (place >>> 13)) >>> 0
    if (place < first) first = place
  }
  return first
}

/** Jaccard index of two ascending lists: what both have, of what either has. */
export function likenessOf(a: Uint32Array, b: Uint32Array): number {
  let [both, atA, atB] = [0, 0, 0]
  while (atA < a.length && atB < b.length) {
    const difference = a[atA]! - b[atB]!
    if (difference === 0) both += 1
    if (difference <= 0) atA += 1
    if (difference >= 0) atB += 1
  }
  return both / (a.length + b.length - both)
}
