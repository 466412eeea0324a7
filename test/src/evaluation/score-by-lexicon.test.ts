// Scoring in several languages. The questions and their true answers are the sticker world's own:
// training/valley_training/fixtures/sticker_suite.py wrote test/fixtures/sticker-suite.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Reader } from '../../../src/evaluation/lexicon.ts'
import type { SuiteQuestion } from '../../../src/evaluation/question.ts'
import { countThings, isRightIn } from '../../../src/evaluation/score-by-lexicon.ts'
import { readSuite } from '../../../src/evaluation/suite.ts'

const folder = fileURLToPath(new URL('../../fixtures/sticker-suite', import.meta.url))
const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Record<string, string>
const suite = await readSuite(folder)
const questions = suite.clips.flatMap((clip) => clip.questions)
const readers = new Map(Object.entries(suite.languages!).map(([code, lexicon]) => [code, new Reader(lexicon)]))
const readerOf = ({ language }: SuiteQuestion) => readers.get(language!)!

function judge(language: string, asked: object, answer: string): boolean {
  const question = { id: 'q', question: '', language, ...asked } as SuiteQuestion
  return isRightIn(readers.get(language)!, question, answer)
}

describe('every true answer of the world', () => {
  it.each(questions)('is right: $id', (question) => {
    expect({
      answer: answers[question.id],
      right: isRightIn(readerOf(question), question, answers[question.id]!),
    }).toEqual({ answer: answers[question.id], right: true })
  })

  it.each(questions)('is wrong where something else is true: $id', (question) => {
    const { kind, language, expected } = question
    if (kind === 'when') return // stretches of time overlap
    const others = questions.filter((one) => one.kind === kind && one.language === language)
    const different = others.filter((one) => shapeOf(one) === shapeOf(question) && !agree(one.expected, expected))
    const wronglyRight = different.filter((one) => isRightIn(readerOf(question), question, answers[one.id]!))
    expect(wronglyRight.map(({ id }) => answers[id])).toEqual([])
  })
})

/** Which facts a question's expected value holds. */
function shapeOf({ expected }: SuiteQuestion): string {
  return Object.keys(expected).join()
}

/** Equal but for the thing that something is true of. */
function agree(one: object, other: object): boolean {
  const facts = (expected: object) => JSON.stringify({ ...expected, ...('event' in expected ? {} : { thing: null }) })
  return facts(one) === facts(other)
}

describe('words in several languages', () => {
  const things = Object.keys(suite.languages!.en!.things)
  const [one, other] = [things[0]!, things[1]!]
  const form = (language: string, name: string) => suite.languages![language]!.things[name]![0]!

  it('counts what was named of what there is', () => {
    const reader = readers.get('de')!
    const said = `Zu sehen ist ${form('de', one)}.`
    expect(countThings(reader, [one, other], said)).toEqual({ expected: 2, said: 1, both: 1 })
    expect(countThings(reader, [other], said)).toEqual({ expected: 1, said: 1, both: 0 })
    expect(countThings(reader, [one], '')).toEqual({ expected: 1, said: 0, both: 0 })
  })

  it.each<[string, object, string, boolean]>([
    ['en', { kind: 'presence', expected: { present: true } }, 'Yes, no.', false],
    ['en', { kind: 'presence', expected: { present: false } }, 'Nobody knows.', false],
    ['zh', { kind: 'presence', expected: { present: true } }, '没有，没有猫。', false],
    ['zh', { kind: 'presence', expected: { present: false } }, '没有，没有猫。', true],
    ['zh', { kind: 'presence', expected: { present: true } }, '有，有一只猫。', true],
    ['es', { kind: 'presence', expected: { present: true } }, 'Sí, no se mueve.', false],
    ['en', { kind: 'when', expected: { from: 3, to: 8, tolerance: 1 } }, 'From second 3 to second 8.', true],
    ['en', { kind: 'when', expected: { from: 3, to: 8, tolerance: 1 } }, 'From second 2 to second 9.', true],
    ['en', { kind: 'when', expected: { from: 3, to: 8, tolerance: 1 } }, 'From second 5 to second 8.', false],
    ['zh', { kind: 'when', expected: { from: 37, to: 42, tolerance: 1 } }, '从第37秒到第42秒。', true],
    ['de', { kind: 'when', expected: { from: 3.2, to: 3.2, tolerance: 1 } }, 'In Sekunde 3.', true],
    ['de', { kind: 'when', expected: { from: 3.2, to: 3.2, tolerance: 1 } }, 'Bald.', false],
    ['en', { kind: 'motion', expected: { direction: 'up' } }, 'It moves up and to the left.', false],
    ['zh', { kind: 'motion', expected: { direction: 'up and to the left' } }, '它向左上方移动。', true],
    ['zh', { kind: 'motion', expected: { direction: 'left' } }, '它向左上方移动。', false],
    ['es', { kind: 'motion', expected: { direction: 'still' } }, 'No se mueve.', true],
    ['de', { kind: 'where', expected: { cell: 'left' } }, 'Oben links.', false],
    ['en', { kind: 'count', expected: { count: 2 } }, 'There are two or three.', false],
    ['de', { kind: 'count', expected: { count: 0 } }, 'Zu sehen sind keine.', true],
    ['en', { kind: 'setting', expected: { setting: 'plain-red' } }, 'In front of a plain blue background.', false],
  ])('%s %o: %s is %s', (language, asked, answer, right) => {
    expect(judge(language, asked, answer)).toBe(right)
  })

  it('wants things in their order where that is asked, and the one that does it where an event is', () => {
    const said = `First the ${form('en', one)}, then the ${form('en', other)}.`
    expect(judge('en', { kind: 'order', expected: { order: [one, other] } }, said)).toBe(true)
    expect(judge('en', { kind: 'order', expected: { order: [other, one] } }, said)).toBe(false)
    const hit = `The ${form('en', one)} hits the ${form('en', other)}.`
    expect(judge('en', { kind: 'order', expected: { event: 'hit', thing: one } }, hit)).toBe(true)
    expect(judge('en', { kind: 'order', expected: { event: 'hit', thing: other } }, hit)).toBe(false)
    expect(judge('en', { kind: 'order', expected: { event: 'spin', thing: one } }, hit)).toBe(false)
  })

  it('hears of whom an answer speaks, also where the question is misspelt', () => {
    const asked = { kind: 'motion', question: 'Where does it go?', expected: { direction: 'up', thing: one } }
    expect(judge('en', asked, `The ${form('en', one)} moves up.`)).toBe(true)
    expect(judge('en', asked, `The ${form('en', one)} follows the ${form('en', other)} up.`)).toBe(true)
    expect(judge('en', asked, `The ${form('en', other)} moves up.`)).toBe(false)
    expect(judge('en', asked, 'It moves up.')).toBe(true)
  })

  it('tells a thing that is called like a colour from the colour', () => {
    const orange = new Reader({ ...suite.languages!.en!, things: { orange: ['orange'] } })
    const asked = { id: 'q', question: '', kind: 'colour', language: 'en' } as const
    const right = (colour: string, answer: string) =>
      isRightIn(orange, { ...asked, expected: { colour, thing: 'orange' } }, answer)
    expect(right('green', 'The orange is green.')).toBe(true)
    expect(right('orange', 'The orange is green.')).toBe(false)
    expect(right('orange', 'The orange is orange.')).toBe(true)
    expect(right('orange', 'Orange.')).toBe(true)
  })
})
