import { describe, expect, it } from 'vitest'
import { measure } from '../../../src/evaluation/measures.ts'
import { renderModelCardTable } from '../../../src/evaluation/model-card-table.ts'
import { recallAtPrecision } from '../../../src/evaluation/recall-at-precision.ts'
import type { QuestionResult } from '../../../src/evaluation/run-suite.ts'

function result(change: Partial<QuestionResult>): QuestionResult {
  return {
    id: 'q',
    kind: 'things',
    clip: '1.mp4',
    question: 'What?',
    expected: { things: ['cat'] },
    said: '',
    isRight: true,
    milliseconds: 1,
    model: 'fake',
    language: 'en',
    ...change,
  }
}

function valuesOf(results: QuestionResult[]) {
  return Object.fromEntries(measure(results).map(({ name, value, cases }) => [name, [value, cases]]))
}

describe('measure', () => {
  it('takes recall and precision of things over all that were named', () => {
    const values = valuesOf([
      result({ things: { expected: 3, said: 2, both: 2 } }),
      result({ isRight: false, things: { expected: 1, said: 2, both: 1 } }),
    ])
    expect(values).toMatchObject({ 'things named, recall': [3 / 4, 4], 'things named, precision': [3 / 4, 4] })
  })

  it('counts a pair as right only when both of its questions are', () => {
    const asked = (pair: string, isRight: boolean) => result({ kind: 'presence', pair, isRight })
    const values = valuesOf([asked('a', true), asked('a', true), asked('b', true), asked('b', false)])
    expect(values['yes/no, both of a pair']).toEqual([1 / 2, 2])
  })

  it('keeps follow-ups apart from the kind that they ask', () => {
    const values = valuesOf([
      result({ kind: 'motion' }),
      result({ kind: 'motion', isRight: false, isFollowUp: true }),
      result({ kind: 'colour', isFollowUp: true }),
    ])
    expect(values).toMatchObject({ 'motion and direction': [1, 1], 'follow-up with reference': [1 / 2, 2] })
    expect(values['setting and colour']).toBeUndefined()
  })

  it('compares languages and shows phrasings that were never trained on', () => {
    const values = valuesOf([
      result({}),
      result({ language: 'zh', isRight: false, unseenPhrasing: true }),
      result({ language: 'zh' }),
    ])
    expect(values).toMatchObject({
      'all kinds, en': [1, 1],
      'all kinds, zh': [1 / 2, 2],
      'phrasings never trained on': [0, 1],
    })
  })

  it('takes moderation from probabilities alone', () => {
    const asked = (probability: number, present: boolean) =>
      result({ kind: 'moderation', expected: { present }, probability })
    const values = valuesOf([
      asked(0.9, true),
      asked(0.8, true),
      asked(0.7, false),
      asked(0.6, true),
      asked(0.1, false),
    ])
    expect(values).toEqual({ 'moderation, recall at 95 % precision': [2 / 3, 3] })
  })
})

describe('recallAtPrecision', () => {
  const weighed = (...pairs: [number, boolean][]) => pairs.map(([score, isTrue]) => ({ score, isTrue }))
  it('passes a false one when enough true ones follow it', () => {
    const many = Array.from({ length: 20 }, (_, index): [number, boolean] => [0.5 - index / 100, true])
    // 20 of 21 are 95.2 %.
    expect(recallAtPrecision(weighed([0.9, false], ...many), 0.95)).toEqual({ threshold: 0.31, found: 20, total: 20 })
  })

  it('finds nothing where no threshold is precise enough, and bears nothing at all', () => {
    expect(recallAtPrecision(weighed([0.9, false], [0.8, true]), 0.95).found).toBe(0)
    expect(recallAtPrecision([], 0.95)).toEqual({ threshold: Number.POSITIVE_INFINITY, found: 0, total: 0 })
  })

  it('does not part what has the same score', () => {
    expect(recallAtPrecision(weighed([0.5, true], [0.5, false]), 0.95).found).toBe(0)
  })
})

describe('renderModelCardTable', () => {
  it('states each share with its interval beside its goal', () => {
    const head = { suite: 'set', model: 'fake', framesShuffled: true, goals: { count: 0.9 } }
    // By hand: for 1 of 1 the interval is 1 / (1 + 1.96²) = 20.7 % to 100 %.
    expect(renderModelCardTable(head, measure([result({ kind: 'count', language: 'de' })]))).toBe(
      `set, answered by fake, frames in a wrong order

| measure | cases | share | 95 % interval | goal |
| --- | --- | --- | --- | --- |
| count | 1 | 100.0 % | 20.7 % to 100.0 % | 90.0 %, reached |
| all kinds, de | 1 | 100.0 % | 20.7 % to 100.0 % | – |
`,
    )
  })
})
