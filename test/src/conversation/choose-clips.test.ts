import { expect, it } from 'vitest'
import { chooseClips } from '../../../src/conversation/choose-clips.ts'
import { addAnswer, addClips, addQuestion, newThread } from '../../../src/conversation/thread.ts'
import { clip } from '../../helpers/messages.ts'

/** A thread with so many clips; `spokenOf` is what the last question was about. */
function threadOf(count: number, ...spokenOf: string[]) {
  const clips = Array.from({ length: count }, (_, index) => clip(`/${index + 1}`))
  const { thread } = addClips(newThread('t', 'c'), clips)
  return spokenOf.length === 0 ? thread : addAnswer(addQuestion(thread, 'what?', spokenOf), 'that')
}

const ids = (...numbers: number[]) => ({ type: 'clips', clipIds: numbers.map((number) => `clip-${number}`) })
const missing = { type: 'no-such-clip' }

it('takes the last clip when none is named and nothing was said', () => {
  expect(chooseClips('What is it?', threadOf(3), [])).toEqual(ids(3))
})

it('goes on about what was spoken of when none is named', () => {
  expect(chooseClips('And its colour?', threadOf(3, 'clip-1'), [])).toEqual(ids(1))
})

it('takes those that came with the question, before any that were there', () => {
  expect(chooseClips('What are these?', threadOf(4, 'clip-1'), ['clip-3', 'clip-4'])).toEqual(ids(3, 4))
})

it('takes the clips that are named', () => {
  expect(chooseClips('the first clip?', threadOf(3), [])).toEqual(ids(1))
  expect(chooseClips('clip 3 and clip 1', threadOf(3), [])).toEqual(ids(1, 3))
  expect(chooseClips('the last clip', threadOf(3, 'clip-1'), [])).toEqual(ids(3))
  expect(chooseClips('all clips', threadOf(3), [])).toEqual(ids(1, 2, 3))
})

it('takes the last two for both', () => {
  expect(chooseClips('compare both clips', threadOf(3), [])).toEqual(ids(2, 3))
  expect(chooseClips('Compare both', threadOf(2), [])).toEqual(ids(1, 2))
})

it('puts a named clip beside the one that came with the question', () => {
  expect(chooseClips('Is it like the first clip?', threadOf(3), ['clip-3'])).toEqual(ids(1, 3))
  expect(chooseClips('Compare both clips', threadOf(2), ['clip-2'])).toEqual(ids(1, 2))
  expect(chooseClips('Compare both clips', threadOf(4), ['clip-3', 'clip-4'])).toEqual(ids(3, 4))
})

it('takes the one before, or the other of two', () => {
  expect(chooseClips('the previous clip', threadOf(3, 'clip-3'), [])).toEqual(ids(2))
  expect(chooseClips('and the other clip?', threadOf(2, 'clip-1'), [])).toEqual(ids(2))
  expect(chooseClips('and the other clip?', threadOf(2, 'clip-2'), [])).toEqual(ids(1))
})

it('says so when the named clip is not there', () => {
  expect(chooseClips('the second clip', threadOf(1), [])).toEqual(missing)
  expect(chooseClips('both clips', threadOf(1), [])).toEqual(missing)
  expect(chooseClips('the other clip', threadOf(1), [])).toEqual(missing)
})

it('does not mind a wrong number when the question brings its own clip, or a "both" that may mean something else', () => {
  expect(chooseClips('my fifth video', threadOf(1), ['clip-1'])).toEqual(ids(1))
  expect(chooseClips('Two cats: describe both', threadOf(1), [])).toEqual(ids(1))
})
