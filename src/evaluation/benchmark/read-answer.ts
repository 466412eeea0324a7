// What an answer in words chose, and whether it holds the words expected. By rule, so strict: who cannot be understood chose
// nothing.
import type { Option } from './benchmark-question.ts'

const ARTICLES = new Set(['a', 'an', 'the'])
const NUMBER_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const WORDS = /[\p{L}\p{M}\p{N}]+/gu

/** The words of a text in small letters, without articles, numbers as figures. */
export function plainWords(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(WORDS) ?? []
  return words
    .filter((word) => !ARTICLES.has(word))
    .map((word) => (NUMBER_WORDS.includes(word) ? String(NUMBER_WORDS.indexOf(word)) : word))
}

/** Whether an answer is the expected one, and whether it has it as whole words somewhere. */
export function matchAnswer(said: string, expected: string): { readonly isSame: boolean; readonly holds: boolean } {
  const [words, wanted] = [plainWords(said), plainWords(expected)]
  // Nothing but articles: compared as written.
  if (wanted.length === 0) {
    const isSame = said.trim().toLowerCase() === expected.trim().toLowerCase()
    return { isSame, holds: isSame }
  }
  const yesOrNo = wanted.length === 1 && /^(yes|no)$/.test(wanted[0]!) ? readYesOrNo(said) : undefined
  const isSame = words.join(' ') === wanted.join(' ')
  // "There is no dog." holds no "no": who is asked for yes or no says so first.
  const holds = yesOrNo === undefined ? ` ${words.join(' ')} `.includes(` ${wanted.join(' ')} `) : yesOrNo === wanted[0]
  return { isSame, holds }
}

/** Yes or no where an answer begins with one and does not say the other, too. */
export function readYesOrNo(said: string): 'yes' | 'no' | null {
  const [first, ...rest] = said.toLowerCase().match(WORDS) ?? []
  if (first !== 'yes' && first !== 'no') return null
  return rest.includes(first === 'yes' ? 'no' : 'yes') ? null : first
}

/**
 * The option that an answer chooses: by its label at the beginning or after "option" or "answer is", else by the words of
 * just one option.
 * @returns its place; null when none or more than one is told
 */
export function readChoice(said: string, options: readonly Option[]): number | null {
  const answer = said.trim()
  const whole = options.findIndex((option) => formsOf(option).some((form) => isEqual(form, answer)))
  if (whole >= 0) return whole
  const byLabel = options.filter(({ label }) => namesLabel(answer, label))
  if (byLabel.length === 1) return options.indexOf(byLabel[0]!)
  if (byLabel.length > 1) return null
  const words = ` ${plainWords(answer).join(' ')} `
  const told = options.filter(
    ({ text }) => plainWords(text).length > 0 && words.includes(` ${plainWords(text).join(' ')} `),
  )
  // "left" is told by whoever says "left and up", too.
  const longest = told.filter(({ text }) => !told.some((other) => other.text !== text && holdsText(other.text, text)))
  return longest.length === 1 ? options.indexOf(longest[0]!) : null
}

function formsOf({ label, text }: Option): string[] {
  return [label, text, `${label}. ${text}`, `${label}: ${text}`, `(${label}) ${text}`]
}

function isEqual(one: string, other: string): boolean {
  return one.replace(/\.$/, '').toLowerCase() === other.replace(/\.$/, '').toLowerCase()
}

/** "A man runs" names no option A: a letter alone counts only before a sign or the end. */
function namesLabel(answer: string, label: string): boolean {
  const escaped = label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const first = new RegExp(`^\\W{0,3}${escaped}(?=[.):,;*]|\\s*$)`, 'i')
  const later = new RegExp(
    `\\b(?:option|answer(?: is)?:?)\\s*\\W{0,2}${escaped}(?![\\p{L}\\p{N}])(?=[.):,;*]|\\s*$)`,
    'iu',
  )
  return first.test(answer) || later.test(answer)
}

function holdsText(whole: string, part: string): boolean {
  return ` ${plainWords(whole).join(' ')} `.includes(` ${plainWords(part).join(' ')} `)
}
