import { describe, expect, it } from 'vitest'
import type { SuiteQuestion } from '../../../src/evaluation/question.ts'
import { isRight } from '../../../src/evaluation/score-answer.ts'

const VOCABULARY = { things: ['cat', 'dog', 'fish', 'bus'], settings: ['sky', 'night', 'sea'] }

function judge(asked: object, answer: string): boolean {
  return isRight({ id: 'q', question: 'What?', ...asked } as SuiteQuestion, answer, VOCABULARY)
}

describe('things', () => {
  const asked = { kind: 'things', expected: { things: ['cat', 'dog'] } }
  it.each([
    ['There is a cat and a dog.', true],
    ['There is a dog and a cat.', true],
    ['Two dogs and a CAT', true],
    ['There is a cat.', false],
    ['There is a cat, a dog and a fish.', false],
    ['There is a category of dogma.', false],
    ['', false],
  ])('judges %j as %s', (answer, right) => {
    expect(judge(asked, answer)).toBe(right)
  })
})

describe('motion', () => {
  it.each([
    ['left', 'The cat moves to the left.', true],
    ['left', 'The cat moves left or right.', false],
    ['left', 'The cat moves up and to the left.', false],
    ['left', 'The cat does not move left.', false],
    ['left', 'The cat doesn’t move left.', false],
    ['up', 'The cat moves up.', true],
    ['up', 'The cat moves up and down.', false],
    ['up', 'Supper is upon us.', false],
    ['up and to the left', 'The cat moves up and to the left.', true],
    ['up and to the left', 'The cat moves left and up.', true],
    ['up and to the left', 'The cat moves up.', false],
    ['up and to the left', 'The cat moves up and to the right.', false],
    ['still', 'The cat stays still.', true],
    ['still', 'The cat is still moving left.', false],
    ['still', 'The cat moves down.', false],
    ['down and to the right', '', false],
  ])('expects %j and judges %j as %s', (direction, answer, right) => {
    expect(judge({ kind: 'motion', question: 'Where does the cat go?', expected: { direction } }, answer)).toBe(right)
  })

  it('refuses the motion of another thing', () => {
    const asked = { kind: 'motion', question: 'Where does the cat go?', expected: { direction: 'left' } }
    expect(judge(asked, 'The dog moves to the left.')).toBe(false)
    expect(judge({ ...asked, question: 'Where does it go?' }, 'The dog moves to the left.')).toBe(true)
  })
})

describe('count', () => {
  it.each([
    [2, 'There are two things.', true],
    [2, 'There are 2 things.', true],
    [2, 'Two, that is 2.', true],
    [2, 'There are two or three things.', false],
    [2, 'There are three things.', false],
    [2, 'There are 22 things.', false],
    [2, 'There are some things.', false],
    [1, 'There is one thing.', true],
    [0, 'There are no cats.', true],
    [0, 'There are not many cats.', false],
    [2, 'No, there are two things.', false],
  ])('expects %i and judges %j as %s', (count, answer, right) => {
    expect(judge({ kind: 'count', expected: { count } }, answer)).toBe(right)
  })

  it('refuses the count of another thing', () => {
    const asked = { kind: 'count', question: 'How many cats are there?', expected: { count: 2 } }
    expect(judge(asked, 'There are two cats.')).toBe(true)
    expect(judge(asked, 'There are two dogs.')).toBe(false)
  })
})

describe('order', () => {
  const first = { kind: 'order', question: 'What came first?', expected: { first: 'cat' } }
  const last = { kind: 'order', question: 'What came last?', expected: { first: 'cat' } }
  it.each([
    [first, 'The cat came first.', true],
    [first, 'The dog came first.', false],
    [first, 'The cat or the dog came first.', false],
    [first, 'The cat came last.', false],
    [first, 'It came first.', false],
    [last, 'The cat came last.', true],
    [last, 'The cat came first.', false],
  ])('judges for %o the answer %j as %s', (asked, answer, right) => {
    expect(judge(asked, answer)).toBe(right)
  })
})

describe('presence', () => {
  it.each([
    [true, 'Yes, there is a cat.', true],
    [true, 'yes', true],
    [true, 'No, there is no cat.', false],
    [true, 'Yes and no.', false],
    [true, 'There is a cat, yes.', false],
    [true, 'Yesterday there was.', false],
    [false, 'No, there is no cat.', true],
    [false, 'Yes, there is a cat.', false],
    [false, 'Nobody knows.', false],
    [false, '', false],
  ])('expects %s and judges %j as %s', (present, answer, right) => {
    expect(judge({ kind: 'presence', expected: { present } }, answer)).toBe(right)
  })
})

describe('setting', () => {
  const asked = { kind: 'setting', expected: { setting: 'sea' } }
  it.each([
    ['It is at sea.', true],
    ['It is at sea at night.', false],
    ['It is in the sky.', false],
    ['It is a search.', false],
  ])('judges %j as %s', (answer, right) => {
    expect(judge(asked, answer)).toBe(right)
  })
})
