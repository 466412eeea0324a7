// What the model is asked of each kind of question, and the words that its answer may begin with.
import type { BenchmarkQuestion, Expected, Option } from './benchmark-question.ts'

const BY_OPTION = 'Answer with the right option alone.'
const BY_LETTER = 'Answer with the letter of the right option alone.'
const BY_YES_OR_NO = 'Answer yes or no.'

/**
 * The question as the model gets it: with its options where they are not in it, and with the form of the answer.
 * @param isPlain leaves both away: small models answer questions as they learnt them, and lose their way over an addition
 */
export function promptOf(question: string, expected: Expected, isPlain: boolean): string {
  if (isPlain || expected.kind === 'open') return question
  if (expected.kind === 'yes-no') return `${question}\n${BY_YES_OR_NO}`
  // The question itself says what to write.
  if (expected.isTold) return question
  const { options } = expected
  const form = options.every(({ label }) => label.length === 1) ? BY_LETTER : BY_OPTION
  // A question of TempCompass has the options in its lines.
  if (options.every(({ text }) => question.includes(text))) return `${question}\n${form}`
  const lines = options.map(({ label, text }) => `(${label}) ${text}`)
  return `${question}\n${lines.join('\n')}\n${form}`
}

/** For each possible answer the spellings that models begin with; in the order of the options, or yes and no. */
export function beginningsOf(expected: Exclude<Expected, { kind: 'open' }>, by: 'label' | 'words'): string[][] {
  if (expected.kind === 'yes-no') return [spellings('Yes', 'yes', 'YES'), spellings('No', 'no', 'NO')]
  return expected.options.map((option) =>
    by === 'label' ? spellings(option.label, `(${option.label}`) : spellings(option.text),
  )
}

/** The place of the right one among these. */
export function rightPlaceOf(expected: Exclude<Expected, { kind: 'open' }>): number {
  return expected.kind === 'yes-no' ? (expected.isYes ? 0 : 1) : expected.right
}

/** True when words alone tell what was chosen, without a judge. */
export function canBeWeighed({ expected }: BenchmarkQuestion): boolean {
  return expected.kind === 'yes-no' || (expected.kind === 'choice' && !expected.isTold)
}

/** An option on one line. */
export function optionText({ label, text }: Option): string {
  return `${label}: ${text}`
}

/** At the start and after a space: tokenizers tell them apart. */
function spellings(...words: readonly string[]): string[] {
  return words.flatMap((word) => [word, ` ${word}`])
}
