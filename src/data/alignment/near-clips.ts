// Clips that look the same, though their bytes differ: scaled, coded anew, cut to another container. How a clip looks is a hash
// of bits of some of its frames; bits drawn from all of them make a key, and clips that share a key are compared in full.
import { GrowingNumbers } from '../growing-numbers.ts'
import { drawnFrom, hashText } from '../phrases/text-hash.ts'
import { ofPrefix, type SavedArrays, savedArray, withPrefix } from '../saved-arrays.ts'
import { Candidates } from './candidates.ts'

/** What a clip looks like; of all clips of one kind the digits are equally many. */
export interface ClipLook {
  /** Hexadecimal digits. */
  readonly digits: string
  readonly durationSeconds: number
}

/** Looks at clips, and tells whether two look the same. */
export interface ClipEye {
  /** @returns null for a clip that cannot be decoded */
  look(path: string): Promise<ClipLook | null>
  looksAlike(a: ClipLook, b: ClipLook): boolean
}

/**
 * Of clips that were coded anew, some 9 of 256 bits differ in the worst frame (src/moderation/watch/picture-hash.ts): of 24 bits
 * all are the same in 4 of 10 keys then, and one of 8 keys is in 99 of 100 clips.
 */
const KEYS = 8
const BITS_OF_KEY = 24
const BITS_OF_DIGIT = 4
const DIGITS_OF_NUMBER = 8
const MILLISECONDS = 1000

/** Finds clips that look like one that was kept. */
export class NearClips {
  readonly #looksAlike: ClipEye['looksAlike']
  readonly #candidates = new Candidates()
  /** Of each clip: how many digits, milliseconds, and the digits, eight to a number. */
  readonly #looks = new GrowingNumbers()
  readonly #starts = new GrowingNumbers()

  constructor({ looksAlike }: Pick<ClipEye, 'looksAlike'>) {
    this.#looksAlike = looksAlike
  }

  /** Whether a clip looks like an earlier one that did not; such a one is kept in mind. */
  isLikeEarlier(look: ClipLook): boolean {
    const keys = keysOf(look.digits)
    for (const key of keys) {
      for (const clip of this.#candidates.under(key)) if (this.#looksAlike(look, this.#lookOf(clip))) return true
    }
    const clip = this.#starts.length
    this.#keep(look)
    for (const key of new Set(keys)) this.#candidates.add(key, clip)
    return false
  }

  /** All tables as they are; not copies. */
  save(): SavedArrays {
    return {
      ...withPrefix('candidates', this.#candidates.save()),
      looks: this.#looks.save(),
      starts: this.#starts.save(),
    }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#candidates.restore(ofPrefix('candidates', saved))
    this.#looks.restore(savedArray(saved, 'looks', Uint32Array))
    this.#starts.restore(savedArray(saved, 'starts', Uint32Array))
  }

  #keep({ digits, durationSeconds }: ClipLook): void {
    this.#starts.push(this.#looks.length)
    this.#looks.push(digits.length)
    this.#looks.push(Math.round(durationSeconds * MILLISECONDS))
    for (let at = 0; at < digits.length; at += DIGITS_OF_NUMBER) {
      this.#looks.push(Number.parseInt(digits.slice(at, at + DIGITS_OF_NUMBER), 16))
    }
  }

  #lookOf(clip: number): ClipLook {
    const start = this.#starts.at(clip)
    const length = this.#looks.at(start)
    let digits = ''
    for (let at = start + 2; digits.length < length; at++) {
      const left = Math.min(DIGITS_OF_NUMBER, length - digits.length)
      digits += this.#looks.at(at).toString(16).padStart(left, '0')
    }
    return { digits, durationSeconds: this.#looks.at(start + 1) / MILLISECONDS }
  }
}

/** Keys of bits drawn from all over the digits; the same places for clips of as many digits. */
function keysOf(digits: string): number[] {
  const bits = digits.length * BITS_OF_DIGIT
  return Array.from({ length: KEYS }, (_, key) => {
    let text = `${key} ${digits.length} `
    for (let place = 0; place < BITS_OF_KEY; place++) {
      const bit = Math.floor(drawnFrom(0, key, place) * bits)
      const digit = Number.parseInt(digits[Math.floor(bit / BITS_OF_DIGIT)] ?? '0', 16)
      text += (digit >> (bit % BITS_OF_DIGIT)) & 1
    }
    return hashText(text)
  })
}
