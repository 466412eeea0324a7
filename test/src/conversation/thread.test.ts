import { expect, it } from 'vitest'
import {
  addAnswer,
  addQuestion,
  clipsOf,
  dropOldestTurns,
  newThread,
  type Thread,
} from '../../../src/conversation/thread.ts'

function talk(...questions: [text: string, ...clips: string[]][]): Thread {
  return questions.reduce((thread, [text, ...clips], index) => {
    const asked = addQuestion(
      thread,
      text,
      clips.map((path) => ({ path })),
    )
    return index === questions.length - 1 ? asked : addAnswer(asked, `to ${text}`)
  }, newThread('t'))
}

it('remembers every clip in the order they came, with ids of their own', () => {
  const thread = talk(['one', '/a', '/b'], ['two'], ['three', '/c'])
  expect(clipsOf(thread)).toEqual([
    { id: 'clip-1', path: '/a' },
    { id: 'clip-2', path: '/b' },
    { id: 'clip-3', path: '/c' },
  ])
})

it('changes by making a new thread', () => {
  const before = newThread('t')
  addQuestion(before, 'one', [{ path: '/a' }])
  expect(before).toEqual({ id: 't', turns: [], clipCount: 0 })
})

it('refuses two questions or two answers in a row', () => {
  expect(() => addQuestion(talk(['one']), 'two', [])).toThrow('a question follows an answer')
  expect(() => addAnswer(newThread('t'), 'answer')).toThrow('an answer follows a question')
})

it('moves the last clip on when its question is dropped', () => {
  const shorter = dropOldestTurns(talk(['one', '/a', '/b'], ['two'], ['three']))
  expect(shorter?.turns.map(({ text, clips }) => [text, ...clips.map(({ id }) => id)])).toEqual([
    ['two', 'clip-2'],
    ['to two'],
    ['three'],
  ])
})

it('lets a dropped clip go when a later one is there, and never gives its id again', () => {
  const shorter = dropOldestTurns(talk(['one', '/a'], ['two', '/b']))!
  expect(clipsOf(shorter)).toEqual([{ id: 'clip-2', path: '/b' }])
  const next = addQuestion(addAnswer(shorter, 'yes'), 'three', [{ path: '/c' }])
  expect(clipsOf(next).at(-1)?.id).toBe('clip-3')
})

it('has nothing to drop when only the open question is left', () => {
  expect(dropOldestTurns(talk(['one', '/a']))).toBeNull()
  expect(dropOldestTurns(newThread('t'))).toBeNull()
})
