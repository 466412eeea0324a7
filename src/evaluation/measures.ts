// What a run of a suite with languages amounts to, as its model card states it: one row a goal, each with its interval.

import { type Interval, wilsonInterval } from '../statistics/wilson.ts'
import type { QuestionKind } from './question.ts'
import { recallAtPrecision } from './recall-at-precision.ts'
import type { QuestionResult } from './run-suite.ts'

/** Precision at which the recall of moderation questions is taken. */
const MODERATION_PRECISION = 0.95

/** A share with its 95 % interval. */
export interface Measure {
  readonly name: string
  /** What the share is of: questions, pairs, or things named. */
  readonly cases: number
  readonly value: number
  readonly interval: Interval
}

/** Rows of single questions: name, and the kinds that belong there. */
const BY_KIND: readonly (readonly [name: string, kinds: readonly QuestionKind[]])[] = [
  ['motion and direction', ['motion']],
  ['count', ['count']],
  ['setting and colour', ['setting', 'colour']],
  ['where', ['where']],
  ['order, before and after', ['order']],
  ['when, to the second', ['when']],
]

/** Every measure that the results allow; one without a case is left out. */
export function measure(results: readonly QuestionResult[]): Measure[] {
  const single = results.filter(({ isFollowUp }) => !isFollowUp)
  const spoken = results.filter(({ probability }) => probability === undefined)
  const languages = [...new Set(spoken.flatMap(({ language }) => language ?? []))]
  const rows = [
    ...thingsNamed(single),
    ...BY_KIND.map(([name, kinds]) => shareOf(name, single.filter(({ kind }) => kinds.includes(kind)).map(isRight))),
    shareOf('yes/no, both of a pair', pairs(single)),
    shareOf('follow-up with reference', results.filter(({ isFollowUp }) => isFollowUp).map(isRight)),
    moderation(results),
    ...languages.map((code) =>
      shareOf(`all kinds, ${code}`, spoken.filter(({ language }) => language === code).map(isRight)),
    ),
    shareOf('phrasings never trained on', spoken.filter(({ unseenPhrasing }) => unseenPhrasing).map(isRight)),
  ]
  return rows.filter(({ cases }) => cases > 0)
}

function isRight(result: QuestionResult): boolean {
  return result.isRight
}

function shareOf(name: string, outcomes: readonly boolean[]): Measure {
  return ratio(name, outcomes.filter(Boolean).length, outcomes.length)
}

function ratio(name: string, part: number, cases: number): Measure {
  return { name, cases, value: part / Math.max(1, cases), interval: wilsonInterval(part, cases) }
}

/** Over all things of all questions, not question by question: a question with five things counts five times. */
function thingsNamed(results: readonly QuestionResult[]): Measure[] {
  const counts = results.flatMap(({ things }) => things ?? [])
  const sum = (key: 'expected' | 'said' | 'both') => counts.reduce((total, count) => total + count[key], 0)
  return [
    ratio('things named, recall', sum('both'), sum('expected')),
    ratio('things named, precision', sum('both'), sum('said')),
  ]
}

function pairs(results: readonly QuestionResult[]): boolean[] {
  const byPair = new Map<string, boolean>()
  for (const { pair, isRight: right } of results) {
    if (pair !== undefined) byPair.set(pair, right && (byPair.get(pair) ?? true))
  }
  return [...byPair.values()]
}

function moderation(results: readonly QuestionResult[]): Measure {
  const weighed = results.flatMap(({ probability, expected }) =>
    probability !== undefined && 'present' in expected ? [{ score: probability, isTrue: expected.present }] : [],
  )
  const { found, total } = recallAtPrecision(weighed, MODERATION_PRECISION)
  return ratio(`moderation, recall at ${100 * MODERATION_PRECISION} % precision`, found, total)
}
