// Whether an English answer is right, by rule: no model judges. Strict on purpose: an answer that names what is true and also
// something else is wrong, so that saying everything never scores.
import { findMentions } from './mentions.ts'
import type { SuiteQuestion } from './question.ts'
import type { Suite } from './suite.ts'

/** The words that answers are searched for. */
export type Vocabulary = Pick<Suite, 'things' | 'settings'>

const DIRECTION_WORDS = ['left', 'right', 'up', 'down', 'still']
const NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  // "no cats" counts none of them.
  ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'].map(
    (word, value) => [word, value],
  ),
)
const NEGATION = /\b(not|never)\b|n['’]t\b/i

/**
 * Judges one answer.
 *
 * - things: the things mentioned are exactly the expected ones.
 * - motion: the direction words are exactly those of the expected direction, none of them denied.
 * - count: the numbers mentioned, as digits or words, are exactly the expected one.
 * - order: the one thing mentioned is the expected one, and it is not said to have come at the other end.
 * - presence: the answer begins with Yes or No, as expected, and does not also say the other.
 * - setting: the settings mentioned are exactly the expected one.
 *
 * In motion and count, an answer that speaks of another thing than the question is wrong.
 */
export function isRight(asked: SuiteQuestion, answer: string, { things, settings }: Vocabulary): boolean {
  switch (asked.kind) {
    case 'things':
      return areSame(findMentions(answer, things), asked.expected.things)
    case 'motion':
      return (
        !NEGATION.test(answer) &&
        areSame(wordsOf(answer, DIRECTION_WORDS), wordsOf(asked.expected.direction, DIRECTION_WORDS)) &&
        speaksOfTheSame(asked.question, answer, things)
      )
    case 'count':
      return areSame(numbersOf(answer), [asked.expected.count]) && speaksOfTheSame(asked.question, answer, things)
    case 'order':
      if (!('first' in asked.expected)) return false
      return areSame(findMentions(answer, things), [asked.expected.first]) && !saysOtherEnd(asked.question, answer)
    case 'presence':
      return saysYesOrNo(answer) === asked.expected.present
    case 'setting':
      return areSame(findMentions(answer, settings), [asked.expected.setting])
    default:
      // The other kinds need a lexicon; readSuite refuses them without one.
      return false
  }
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Those of the words that stand in the text, each once. */
function wordsOf(text: string, words: readonly string[]): string[] {
  const there = new Set(wordsIn(text))
  return words.filter((word) => there.has(word))
}

function numbersOf(text: string): number[] {
  const numbers = wordsIn(text).map((word) => (/^\d+$/.test(word) ? Number(word) : NUMBERS[word]))
  return [...new Set(numbers.filter((number) => number !== undefined))]
}

function saysYesOrNo(answer: string): boolean | null {
  const [first, ...rest] = wordsIn(answer)
  if (first === 'yes') return rest.includes('no') ? null : true
  if (first === 'no') return rest.includes('yes') ? null : false
  return null
}

/** "It came last" is no answer to what came first, nor the other way round. */
function saysOtherEnd(question: string, answer: string): boolean {
  const other = wordsIn(question).includes('last') ? 'first' : 'last'
  return wordsIn(answer).includes(other)
}

/** False when the question names things and the answer names others. */
function speaksOfTheSame(question: string, answer: string, things: readonly string[]): boolean {
  const asked = findMentions(question, things)
  return asked.length === 0 || findMentions(answer, things).every((thing) => asked.includes(thing))
}

/** Equal as sets. */
function areSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return new Set(a).size === new Set(b).size && a.every((one) => b.includes(one))
}
