// Whether an answer is right, by rule, in the languages of a suite. As strict as score-answer.ts: what is true and
// something else beside it is wrong.
import type { Reader } from './lexicon.ts'
import type { SuiteQuestion } from './question.ts'

/**
 * Judges one answer in words.
 *
 * - things, setting, colour, where, motion, count: what is mentioned of that kind is exactly what is expected, and in
 *   motion and count the answer speaks of the question's thing.
 * - order: the one thing; or all things in their order; or an answer that begins with the expected thing and says the
 *   expected event.
 * - presence, moderation: the answer begins with yes or no, as expected.
 * - when: the first and the last number are the seconds, each within the tolerance.
 */
export function isRightIn(reader: Reader, asked: SuiteQuestion, answer: string): boolean {
  switch (asked.kind) {
    case 'things':
      return areSame(reader.mentions(answer, 'things', asked.expected.things), asked.expected.things)
    case 'setting':
      return isJust(reader.mentions(answer, 'settings'), asked.expected.setting)
    case 'colour':
      return isJust(colours(reader, asked.expected, answer), asked.expected.colour)
    case 'where':
      return isJust(reader.mentions(answer, 'cells'), asked.expected.cell)
    case 'motion':
      return isJust(reader.mentions(answer, 'directions'), asked.expected.direction) && isAboutIt(reader, asked, answer)
    case 'count':
      return isJust(numbers(reader, answer), asked.expected.count) && isAboutIt(reader, asked, answer)
    case 'order':
      return isInOrder(reader, asked.expected, answer)
    case 'presence':
    case 'moderation':
      return reader.yesOrNo(answer) === asked.expected.present
    case 'when':
      return isAtTheTime(numbers(reader, answer), asked.expected)
  }
}

/** The things expected, those said, and those that are both: what recall and precision are made of. */
export function countThings(reader: Reader, expected: readonly string[], answer: string) {
  const said = new Set(reader.mentions(answer, 'things', expected))
  return { expected: expected.length, said: said.size, both: expected.filter((name) => said.has(name)).length }
}

function isInOrder(
  reader: Reader,
  expected: Extract<SuiteQuestion, { kind: 'order' }>['expected'],
  answer: string,
): boolean {
  if ('first' in expected) return isJust(reader.mentions(answer, 'things', [expected.first]), expected.first)
  if ('order' in expected) {
    const said = [...new Set(reader.mentions(answer, 'things', expected.order))]
    return said.length === expected.order.length && said.every((name, place) => name === expected.order[place])
  }
  const [subject] = reader.mentions(answer, 'things', [expected.thing])
  return subject === expected.thing && reader.saysEvent(answer, expected.event)
}

/** The colours said. A thing called like a colour (an orange) is no colour where another one follows. */
function colours(reader: Reader, { thing }: { thing?: string | undefined }, answer: string): string[] {
  const said = reader.mentions(answer, 'colours')
  const [first, ...rest] = said
  if (thing === undefined || first === undefined || rest.length === 0) return said
  const ofThing = (reader.lexicon.things[thing] ?? []).map((form) => form.toLowerCase())
  const isName = reader.lexicon.colours[first]?.some((form) => ofThing.includes(form.toLowerCase())) ?? false
  return isName ? rest : said
}

/** Numbers in figures and in words. */
function numbers(reader: Reader, answer: string): number[] {
  return reader.mentions(answer, 'numbers').map(Number)
}

function isAtTheTime(
  said: readonly number[],
  { from, to, tolerance }: { from: number; to: number; tolerance: number },
) {
  const [first, last] = [said[0], said.at(-1)]
  if (first === undefined || last === undefined || said.length > 2) return false
  return Math.abs(first - from) <= tolerance && Math.abs(last - to) <= tolerance
}

/** False when the question is about a thing and the answer first names another. */
function isAboutIt(
  reader: Reader,
  { question, expected }: Extract<SuiteQuestion, { kind: 'motion' | 'count' }>,
  answer: string,
): boolean {
  const asked = expected.thing === undefined ? reader.mentions(question, 'things') : [expected.thing]
  const [subject] = reader.mentions(answer, 'things', asked)
  return asked.length === 0 || subject === undefined || asked.includes(subject)
}

function isJust<T>(said: readonly T[], expected: T): boolean {
  return said.length > 0 && said.every((one) => one === expected)
}

/** Equal as sets. */
function areSame(a: readonly string[], b: readonly string[]): boolean {
  return new Set(a).size === new Set(b).size && a.every((one) => b.includes(one))
}
