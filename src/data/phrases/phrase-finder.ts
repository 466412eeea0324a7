// The noun phrases of a caption. The paper's recipe takes them from spaCy's parser; no parser of that size runs here, so a
// phrase is a run of words that are neither function words nor verbs. Captions are short and plain, which that suits.
// Differs from source: phrases may lack an adjective that looks like a verb, or hold a verb that no list has.
import type { LanguageWords } from './language-schema.ts'

/** Longer runs are not phrases but captions without verbs; their end is the noun. */
const MAX_WORDS = 4
const WORD_OR_BREAK = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu
/** The same for small letters of ASCII, which most captions are; three times as fast. */
const ASCII_WORD_OR_BREAK = /[a-z0-9]+(?:['-][a-z0-9]+)*|[^\sa-z0-9]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
const IS_ASCII = /^[\u0000-\u007f]*$/
const IS_WORD = /^[\p{L}\p{N}]/u
const IS_NUMBER = /^\p{N}+$/u
const HAS_NO_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** Words whose kind is remembered; more than that are forgotten all at once. */
const MAX_REMEMBERED = 100_000

/** Words without their order and number. @param words as wordsOf gives them */
export function contentOfWords(words: readonly string[]): string {
  return [...new Set(words)].sort().join(' ')
}

/** Takes captions of one language apart. */
export class PhraseFinder {
  readonly #functionWords: ReadonlySet<string>
  readonly #otherWords: ReadonlySet<string>
  readonly #endings: readonly (readonly [ending: string, exceptions: ReadonlySet<string>])[]
  readonly #remembered = new Map<string, boolean>()
  readonly #segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

  constructor({ functionWords, otherWords, endings }: LanguageWords) {
    this.#functionWords = new Set(functionWords)
    this.#otherWords = new Set(otherWords)
    this.#endings = Object.entries(endings).map(([ending, exceptions]) => [ending, new Set(exceptions)])
  }

  /** Each noun phrase of a caption once, in small letters, without articles. */
  phrasesOf(caption: string): string[] {
    const found = new Set<string>()
    let run: string[] = []
    const end = () => {
      if (run.length > 0) found.add(run.slice(-MAX_WORDS).join(' '))
      run = []
    }
    for (const part of this.#partsOf(caption)) {
      if (this.#endsPhrase(part)) end()
      else run.push(part)
    }
    end()
    return [...found]
  }

  /** The words that tell a caption from others, in small letters and their order. */
  wordsOf(caption: string): string[] {
    return this.#partsOf(caption).filter((part) => IS_WORD.test(part) && !this.#functionWords.has(part))
  }

  /** The words that tell a caption from others, sorted: the same for captions that differ in order, articles and signs. */
  contentOf(caption: string): string {
    return contentOfWords(this.wordsOf(caption))
  }

  #partsOf(caption: string): string[] {
    const small = caption.toLowerCase()
    if (IS_ASCII.test(small)) return small.match(ASCII_WORD_OR_BREAK) ?? []
    const text = small.normalize('NFC')
    if (!HAS_NO_BLANKS.test(text)) return text.match(WORD_OR_BREAK) ?? []
    return [...this.#segmenter.segment(text)].map(({ segment }) => segment).filter((part) => part.trim() !== '')
  }

  #endsPhrase(part: string): boolean {
    const known = this.#remembered.get(part)
    if (known !== undefined) return known
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    const ends = this.#decideEnd(part)
    this.#remembered.set(part, ends)
    return ends
  }

  #decideEnd(part: string): boolean {
    if (!IS_WORD.test(part) || IS_NUMBER.test(part)) return true
    if (this.#functionWords.has(part) || this.#otherWords.has(part)) return true
    return this.#endings.some(([ending, exceptions]) => part.endsWith(ending) && !exceptions.has(part))
  }
}
