import { describe, expect, it } from 'vitest'
import { matchAnswer, readChoice, readYesOrNo } from '../../../../src/evaluation/benchmark/read-answer.ts'

const DIRECTIONS = [
  { label: 'A', text: 'left' },
  { label: 'B', text: 'left and up' },
  { label: 'C', text: 'a cat runs' },
]
const CAPTIONS = [
  { label: 'Caption A', text: 'The ball falls.' },
  { label: 'Caption B', text: 'The ball rises.' },
]

describe('an answer to a question with options', () => {
  it.each([
    ['B', 'B'],
    ['b.', 'B'],
    ['(B) left and up', 'B'],
    ['A. left', 'A'],
    ['The answer is B.', 'B'],
    ['Option A', 'A'],
    ['It moves left and up, I think.', 'B'],
    ['left', 'A'],
    ['A cat runs.', 'C'],
    ['A man walks by.', null],
    ['left, or a cat runs', null],
    ['Either A) or B)', null],
    ['', null],
  ])('%j chooses %s', (said, label) => {
    const place = readChoice(said, DIRECTIONS)
    expect(place === null ? null : DIRECTIONS[place]!.label).toBe(label)
  })

  it.each([
    ['Caption B', 1],
    ['caption b: The ball rises.', 1],
    ['The ball falls.', 0],
    ['Caption', null],
  ])('%j chooses the caption at %s', (said, place) => {
    expect(readChoice(said, CAPTIONS)).toBe(place)
  })
})

describe('yes and no', () => {
  it.each([
    ['Yes.', 'yes'],
    ['no, there is nothing', 'no'],
    ['Yes and no.', null],
    ['There is no dog.', null],
    ['', null],
  ])('%j is %s', (said, expected) => {
    expect(readYesOrNo(said)).toBe(expected)
  })
})

describe('an answer of few words', () => {
  it.each([
    ['The Dog!', 'dog', true, true],
    ['A dog is running.', 'dog', false, true],
    ['Two', '2', true, true],
    ['hotdogs', 'dog', false, false],
    ['There is no dog.', 'no', false, false],
    ['No, there is none.', 'no', false, true],
    ['The', 'the', true, true],
    ['', 'dog', false, false],
  ])('%j to %j is the same: %s, holds it: %s', (said, expected, isSame, holds) => {
    expect(matchAnswer(said, expected)).toEqual({ isSame, holds })
  })
})
