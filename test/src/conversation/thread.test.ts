import { expect, it } from 'vitest'
import {
  addAnswer,
  addClips,
  addQuestion,
  currentClipIds,
  dropOldestTurns,
  forgetTurns,
  MAX_CLIPS_KEPT,
  newThread,
  takeBackLastQuestion,
} from '../../../src/conversation/thread.ts'
import { clip } from '../../helpers/messages.ts'

const empty = newThread('t', 'c')
const { thread: two } = addClips(empty, [clip('/a'), clip('/b')])

it('remembers every clip in the order they came, with ids of their own', () => {
  const { thread, clipIds } = addClips(two, [clip('/c')])
  expect(clipIds).toEqual(['clip-3'])
  expect(thread.clips).toEqual([
    { id: 'clip-1', ...clip('/a') },
    { id: 'clip-2', ...clip('/b') },
    { id: 'clip-3', ...clip('/c') },
  ])
})

it('knows a clip again by its handle, and names each once', () => {
  const { thread, clipIds } = addClips(two, [clip('/b'), clip('/c'), clip('/c'), { platform: 'other', handle: '/b' }])
  expect(clipIds).toEqual(['clip-2', 'clip-3', 'clip-4'])
  expect(thread.clips).toHaveLength(4)
})

it('lets the oldest clip go when there are too many, and never gives its id again', () => {
  const many = Array.from({ length: MAX_CLIPS_KEPT + 1 }, (_, index) => clip(`/${index}`))
  const { thread } = addClips(empty, many)
  expect(thread.clips).toHaveLength(MAX_CLIPS_KEPT)
  expect(thread.clips[0]?.id).toBe('clip-2')
  expect(addClips(thread, [clip('/0')]).clipIds).toEqual([`clip-${MAX_CLIPS_KEPT + 2}`])
})

it('changes by making a new thread', () => {
  addQuestion(two, 'one', ['clip-1'])
  expect(two.turns).toEqual([])
  expect(empty).toEqual({ version: 1, id: 't', channelId: 'c', clips: [], clipCount: 0, turns: [] })
})

it('refuses two questions or two answers in a row, and a question about a clip that it does not hold', () => {
  expect(() => addQuestion(addQuestion(two, 'one', ['clip-1']), 'two', [])).toThrow('a question follows an answer')
  expect(() => addAnswer(two, 'answer')).toThrow('an answer follows a question')
  expect(() => addQuestion(two, 'one', ['clip-9'])).toThrow('about clips of its thread')
})

it('drops the oldest question with its answer, and nothing when only the open question is left', () => {
  const asked = addQuestion(addAnswer(addQuestion(two, 'one', ['clip-1']), 'yes'), 'two', ['clip-1'])
  expect(dropOldestTurns(asked)?.turns).toEqual([{ role: 'user', text: 'two', clipIds: ['clip-1'] }])
  expect(dropOldestTurns(addQuestion(two, 'one', ['clip-1']))).toBeNull()
  expect(dropOldestTurns(empty)).toBeNull()
})

it('takes the last question back, with or without its answer', () => {
  const asked = addQuestion(two, 'one', ['clip-2'])
  for (const thread of [asked, addAnswer(asked, 'yes')]) {
    expect(takeBackLastQuestion(thread)).toEqual({ thread: two, question: asked.turns[0] })
  }
  expect(takeBackLastQuestion(two)).toBeNull()
})

it('goes on about what was asked last, and begins with the last clip', () => {
  expect(currentClipIds(empty)).toEqual([])
  expect(currentClipIds(two)).toEqual(['clip-2'])
  const asked = addAnswer(addQuestion(two, 'one', ['clip-1', 'clip-2']), 'yes')
  expect(currentClipIds(asked)).toEqual(['clip-1', 'clip-2'])
  expect(currentClipIds({ ...asked, clips: asked.clips.slice(0, 1) })).toEqual(['clip-1'])
})

it('keeps its clips when its turns are forgotten', () => {
  const asked = addQuestion(two, 'one', ['clip-1'])
  expect(forgetTurns(asked)).toEqual(two)
})

it('is the same after a trip through JSON', () => {
  const asked = addQuestion(two, 'one', ['clip-1'])
  expect(JSON.parse(JSON.stringify(asked))).toEqual(asked)
})
