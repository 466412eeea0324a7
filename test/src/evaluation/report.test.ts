import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/evaluation/report.ts'
import type { QuestionResult } from '../../../src/evaluation/run-suite.ts'
import { summarise } from '../../../src/evaluation/summary.ts'

function result(change: Partial<QuestionResult>): QuestionResult {
  return {
    id: '1a',
    kind: 'things',
    clip: '1.mp4',
    question: 'What is there?',
    expected: { things: ['cat', 'dog'] },
    said: 'There is a cat.',
    isRight: true,
    milliseconds: 100,
    model: 'fake',
    ...change,
  }
}

const RESULTS = [
  result({ milliseconds: 400 }),
  result({ id: '1b', isRight: false, milliseconds: 200 }),
  result({ id: '1c', kind: 'count', expected: { count: 2 }, said: 'There are two things.', milliseconds: 300 }),
]

describe('summarise', () => {
  it('counts overall and by kind', () => {
    const { overall, byKind, wrong } = summarise(RESULTS)
    expect(overall).toMatchObject({ questions: 3, right: 2, accuracy: 2 / 3 })
    expect(byKind).toMatchObject([
      { kind: 'things', questions: 2, right: 1, accuracy: 0.5 },
      { kind: 'count', questions: 1, right: 1, accuracy: 1 },
    ])
    expect(wrong).toEqual([RESULTS[1]])
  })

  it('gives mean, median and longest time', () => {
    expect(summarise(RESULTS).millisecondsPerQuestion).toEqual({ mean: 300, median: 300, longest: 400 })
    expect(summarise(RESULTS.slice(0, 2)).millisecondsPerQuestion.median).toBe(300)
    expect(summarise(RESULTS.slice(0, 1)).millisecondsPerQuestion.median).toBe(400)
  })

  it('bears a run without a question', () => {
    expect(summarise([])).toEqual({
      overall: { questions: 0, right: 0, accuracy: 0, interval: { low: 0, high: 1 } },
      byKind: [],
      wrong: [],
      millisecondsPerQuestion: { mean: 0, median: 0, longest: 0 },
    })
  })
})

describe('renderReport', () => {
  it('shows a row for each kind and one for all, and what went wrong', () => {
    // The bounds by hand, z² = 3.8415: for 1 of 1 low = 1 / (1 + z²) = 20.7 %; for 1 of 2 the centre is 50 % and the half
    // width sqrt(z²/2 · (1/4 + z²/8)) / (1 + z²/2) = 40.5 %.
    expect(renderReport({ name: 'stickers' }, 'fake', summarise(RESULTS))).toBe(
      `stickers, answered by fake

kind    questions  right  accuracy      95 % interval
things          2      1    50.0 %    9.5 % to 90.5 %
count           1      1   100.0 %  20.7 % to 100.0 %
all             3      2    66.7 %   20.8 % to 93.9 %

time per question: 0.30 s on average, median 0.30 s, longest 0.40 s

wrong answers: 1
  1b 1.mp4: What is there? expected cat and dog, said "There is a cat."
`,
    )
  })

  it('says so when nothing went wrong', () => {
    expect(renderReport({ name: 'stickers' }, 'fake', summarise(RESULTS.slice(0, 1)))).toContain(
      'wrong answers: none\n',
    )
  })
})
