// The words of a language that answers are searched for, from suite.json, and the search itself. A suite in several
// languages brings a lexicon for each; the names in it are the same in all of them.
import { z } from 'zod'
import { literal } from './mentions.ts'

const text = z.string().min(1)
/** Every form in which a name can stand in a text. */
const formsSchema = z.record(text, z.array(text).min(1))

/** Words of one language. Names (of things, colours, directions …) are those that the questions' expected values use. */
export const lexiconSchema = z.strictObject({
  /** Whether words stand apart, so that a form counts only as a whole word; false for Chinese. */
  spaced: z.boolean(),
  /** What answers begin with that say yes, and no, as they are written. */
  yes: z.array(text).min(1),
  no: z.array(text).min(1),
  things: formsSchema,
  settings: formsSchema,
  colours: formsSchema,
  cells: formsSchema,
  directions: formsSchema,
  numbers: formsSchema,
  /** Each way to say an event: pieces of text that stand in the answer in this order. */
  events: z.record(text, z.array(z.array(text).min(1)).min(1)),
})

/** Words of one language. */
export type Lexicon = z.infer<typeof lexiconSchema>
/** Parts of a lexicon in which names have forms. */
export type Facet = 'things' | 'settings' | 'colours' | 'cells' | 'directions' | 'numbers'

/** Searches texts for the words of a language. */
export class Reader {
  readonly lexicon: Lexicon
  readonly #patterns = new Map<
    Facet,
    { readonly byForm: ReadonlyMap<string, readonly string[]>; readonly form: RegExp }
  >()

  constructor(lexicon: Lexicon) {
    this.lexicon = lexicon
  }

  /**
   * The names of a facet that a text mentions, in order of mention, each mention once. Where a form is part of a longer
   * one of the facet, or of a thing's name, only the longer one counts: `seven` in `seven-spot ladybird` is no number.
   * A form that several names share is read as the one among `expected`, if any.
   */
  mentions(text: string, facet: Facet, expected: readonly string[] = []): string[] {
    const { byForm, form } = this.#pattern(facet)
    return Array.from(text.toLowerCase().matchAll(form), ([found]) => byForm.get(found) ?? [found]).flatMap((names) => {
      const name = names.find((one) => expected.includes(one)) ?? names[0]
      return name === undefined ? [] : [name]
    })
  }

  /** Whether a text says that an event happens: all pieces of one way to say it, in order. */
  saysEvent(text: string, event: string): boolean {
    const said = text.toLowerCase()
    return (this.lexicon.events[event] ?? []).some((pieces) => {
      let from = 0
      return pieces.every((piece) => {
        const at = said.indexOf(piece.toLowerCase(), from)
        from = at + piece.length
        return at !== -1
      })
    })
  }

  /** True for an answer that begins with yes, false for one with no, null for any other and for `yes, no`. */
  yesOrNo(text: string): boolean | null {
    const said = text.toLowerCase().trim()
    const first = this.#answerWord(said)
    if (first === null) return null
    const next = this.#answerWord(said.slice(first.length).replace(/^[\p{P}\s]+/u, ''))
    return first.isYes && next?.isYes === false ? null : first.isYes
  }

  /** The yes or no that a text begins with; of several that fit, the longest. */
  #answerWord(said: string): { isYes: boolean; length: number } | null {
    const { yes, no } = this.lexicon
    const words = [...yes.map((word) => ({ word, isYes: true })), ...no.map((word) => ({ word, isYes: false }))]
    const fitting = words.filter(({ word }) => this.#isWordAt(said, 0, word.toLowerCase()))
    const [longest] = fitting.sort((a, b) => b.word.length - a.word.length)
    return longest === undefined ? null : { isYes: longest.isYes, length: longest.word.length }
  }

  #isWordAt(text: string, at: number, word: string): boolean {
    if (!text.startsWith(word, at)) return false
    return !this.lexicon.spaced || !/[\p{L}\p{N}]/u.test(text.charAt(at + word.length))
  }

  #pattern(facet: Facet) {
    const known = this.#patterns.get(facet)
    if (known !== undefined) return known
    const byForm = new Map<string, string[]>()
    const add = (forms: Lexicon[Facet], counts: boolean) => {
      for (const [name, spellings] of Object.entries(forms)) {
        for (const spelling of spellings.map((form) => form.toLowerCase())) {
          const names = byForm.get(spelling) ?? []
          byForm.set(spelling, counts ? [...names, name] : names)
        }
      }
    }
    add(this.lexicon[facet], true)
    // Found, so that nothing in them is taken for another word, but no mention of this facet.
    if (facet !== 'things') add(this.lexicon.things, false)
    const words = [...byForm.keys()].sort((a, b) => b.length - a.length).map(literal)
    // Figures are numbers in every language, and 37 is not 3 and 7.
    const longestFirst = facet === 'numbers' ? ['\\d+', ...words] : words
    const [before, after] = this.lexicon.spaced ? ['(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])'] : ['', '']
    const pattern = { byForm, form: new RegExp(`${before}(?:${longestFirst.join('|')})${after}`, 'gu') }
    this.#patterns.set(facet, pattern)
    return pattern
  }
}
