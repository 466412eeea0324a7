import { describe, expect, it } from 'vitest'
import { localClip } from '../../../src/conversation/locate-clip.ts'
import { AppError } from '../../../src/errors.ts'
import { type QuestionResult, runSuite } from '../../../src/evaluation/run-suite.ts'
import type { Suite } from '../../../src/evaluation/suite.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

const SUITE: Suite = {
  name: 'stickers',
  description: '',
  directory: '/suite',
  things: ['cat', 'dog'],
  settings: [],
  clips: [
    {
      file: 'clips/1.mp4',
      questions: [
        { id: '1a', kind: 'things', question: 'What is there?', expected: { things: ['cat'] } },
        { id: '1b', kind: 'count', question: 'How many?', expected: { count: 2 } },
      ],
    },
    {
      file: 'clips/2.mp4',
      questions: [{ id: '2a', kind: 'presence', question: 'Is there a dog?', expected: { present: true } }],
    },
  ],
}

const ANSWERS: Readonly<Record<string, string>> = {
  '[clip-1] What is there?': 'There is a cat.',
  '[clip-1] How many?': 'There are three things.',
  '[clip-1] Is there a dog?': 'Yes, there is a dog.',
}

function answerer() {
  return new FakeAnswerer((question) => ({ say: ANSWERS[questionText(question)] ?? '' }))
}

async function collect(results: AsyncIterable<QuestionResult>): Promise<QuestionResult[]> {
  const collected: QuestionResult[] = []
  for await (const result of results) collected.push(result)
  return collected
}

/** A clock that goes on by 10 ms each time it is read. */
function steadyClock() {
  let time = 0
  return () => {
    time += 10
    return time
  }
}

describe('runSuite', () => {
  it('asks every question about its clip and judges the answer', async () => {
    const results = await collect(runSuite(SUITE, answerer(), { now: steadyClock() }))
    expect(results).toEqual([
      {
        id: '1a',
        kind: 'things',
        clip: 'clips/1.mp4',
        question: 'What is there?',
        expected: { things: ['cat'] },
        said: 'There is a cat.',
        isRight: true,
        milliseconds: 10,
        model: 'fake',
      },
      expect.objectContaining({ id: '1b', said: 'There are three things.', isRight: false }),
      expect.objectContaining({ id: '2a', clip: 'clips/2.mp4', isRight: true }),
    ])
  })

  it('gives every question a conversation of its own, forgotten afterwards', async () => {
    const fake = answerer()
    await collect(runSuite(SUITE, fake))
    const threads = fake.questions.map(({ threadId }) => threadId)
    expect(new Set(threads).size).toBe(3)
    expect(fake.forgotten).toEqual(threads)
    expect(fake.questions.map(({ messages }) => messages[0]?.content[0])).toEqual(
      ['/suite/clips/1.mp4', '/suite/clips/1.mp4', '/suite/clips/2.mp4'].map((path) => ({
        type: 'clip',
        clip: { id: 'clip-1', ...localClip(path) },
      })),
    )
  })

  it('stops after the limit', async () => {
    const results = await collect(runSuite(SUITE, answerer(), { limit: 2 }))
    expect(results.map(({ id }) => id)).toEqual(['1a', '1b'])
  })

  it('ends when a clip cannot be answered about', async () => {
    const failing = new FakeAnswerer(() => ({ fail: new AppError('CLIP_MISSING', 'gone') }))
    await expect(collect(runSuite(SUITE, failing))).rejects.toMatchObject({ code: 'CLIP_MISSING' })
    expect(failing.forgotten).toEqual(['evaluation:1a'])
  })

  it('ends with the reason when it is aborted', async () => {
    const abort = new AbortController()
    const results = runSuite(SUITE, answerer(), { signal: abort.signal })
    await results.next()
    abort.abort(new Error('enough'))
    await expect(results.next()).rejects.toThrow('enough')
  })
})
