// The published filter of captions by their noun phrases, as LLaVA has it for CC3M and Valley for WebVid: phrases that less
// than `minCount` captions hold are dropped; from the rarest of the others on, all captions with a phrase are taken, of a
// phrase that more than `maxCount` captions hold, `maxCount` drawn at random.
//
// A caption is thus taken when any of its phrases takes it, and the place of the rarest such phrase is its place in the walk.
// That can be said while captions pass, so nothing of them is kept: counts come first, then the choice.
import { assert } from '../../assert.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import { RareSketch } from '../phrases/rare-sketch.ts'
import { drawnFrom } from '../phrases/text-hash.ts'
import { ofPrefix, type SavedArrays, withPrefix } from '../saved-arrays.ts'

/** The numbers of the filter. */
export interface FilterRules {
  /** Phrases that fewer captions hold are dropped. */
  readonly minCount: number
  /** Of phrases that more captions hold, so many are drawn. */
  readonly maxCount: number
  readonly seed: number
}

/** As in LLaVA's appendix. */
export const PUBLISHED_RULES = { minCount: 3, maxCount: 100 } as const

/** Counts phrases in two passes over the same captions, so that rare ones cost no memory. */
export class PhraseCounts {
  readonly #sketch = new RareSketch()
  readonly #counts = new HashCounts()
  readonly #minCount: number

  constructor(minCount: number) {
    this.#minCount = minCount
  }

  /** First pass. @param phrases of one caption, each once, as hashes */
  look(phrases: readonly number[]): void {
    for (const phrase of phrases) this.#sketch.add(phrase)
  }

  /** Second pass, over the same captions. */
  count(phrases: readonly number[]): void {
    for (const phrase of phrases) if (this.#sketch.mayReach(phrase, this.#minCount)) this.#counts.add(phrase)
  }

  /** How many captions hold a phrase; of one that is too rare 0. */
  of(phrase: number): number {
    const count = this.#counts.get(phrase)
    return count >= this.#minCount ? count : 0
  }

  /** Both counts as they are; not copies. */
  save(): SavedArrays {
    return { ...withPrefix('sketch', this.#sketch.save()), ...withPrefix('counts', this.#counts.save()) }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#sketch.restore(ofPrefix('sketch', saved))
    this.#counts.restore(ofPrefix('counts', saved))
  }

  /** How often each phrase occurs that is not too rare. */
  *frequencies(): Generator<number> {
    for (const count of this.#counts.counts()) if (count >= this.#minCount) yield count
  }
}

/** The choice, for captions in the order in which they were counted. */
export class CaptionChoice {
  readonly #counts: PhraseCounts
  readonly #rules: FilterRules
  /** Of frequent phrases: captions that passed, and captions drawn. */
  readonly #passed = new HashCounts()
  readonly #drawn = new HashCounts()
  #captions = 0

  constructor(counts: PhraseCounts, rules: FilterRules) {
    this.#counts = counts
    this.#rules = rules
  }

  /**
   * Says whether a caption is taken.
   * @returns the frequency of the rarest phrase that takes it, which is its place in the walk; null when none does
   */
  place(phrases: readonly number[]): number | null {
    this.#captions += 1
    let place: number | null = null
    for (const phrase of phrases) {
      const count = this.#counts.of(phrase)
      // Every frequent phrase has its draw, also when another has taken the caption, or its draws would not come out even.
      const isTaking = count > 0 && (count <= this.#rules.maxCount || this.#draw(phrase, count))
      if (isTaking && (place === null || count < place)) place = count
    }
    return place
  }

  /** Draws exactly maxCount of the captions with a phrase, each set alike (Knuth, selection sampling). */
  #draw(phrase: number, count: number): boolean {
    const left = count - this.#passed.add(phrase)
    assert(left > 0, 'captions are chosen from as they were counted')
    const wanted = this.#rules.maxCount - this.#drawn.get(phrase)
    if (drawnFrom(this.#rules.seed, phrase, this.#captions) * left >= wanted) return false
    this.#drawn.add(phrase)
    return true
  }
}
