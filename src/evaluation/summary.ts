// What a run of a suite amounts to, in numbers.

import { mean, median } from '../statistics/averages.ts'
import { type Interval, wilsonInterval } from '../statistics/wilson.ts'
import type { QuestionKind } from './question.ts'
import type { QuestionResult } from './run-suite.ts'

/** Right answers among some, with the 95 % Wilson interval of their share. */
export interface Score {
  readonly questions: number
  readonly right: number
  /** right / questions, 0 to 1; 0 without a question. */
  readonly accuracy: number
  readonly interval: Interval
}

/** A whole run. */
export interface Summary {
  readonly overall: Score
  /** Kinds in the order in which they first came up. */
  readonly byKind: readonly (Score & { readonly kind: QuestionKind })[]
  readonly wrong: readonly QuestionResult[]
  readonly millisecondsPerQuestion: { readonly mean: number; readonly median: number; readonly longest: number }
}

/** Counts the right answers, overall and by kind. */
export function summarise(results: readonly QuestionResult[]): Summary {
  const kinds = [...new Set(results.map(({ kind }) => kind))]
  const times = results.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  return {
    overall: score(results),
    byKind: kinds.map((kind) => ({ kind, ...score(results.filter((result) => result.kind === kind)) })),
    wrong: results.filter(({ isRight }) => !isRight),
    millisecondsPerQuestion: {
      mean: mean(times) ?? 0,
      median: median(times) ?? 0,
      longest: times.at(-1) ?? 0,
    },
  }
}

function score(results: readonly QuestionResult[]): Score {
  const questions = results.length
  const right = results.filter(({ isRight }) => isRight).length
  return { questions, right, accuracy: right / Math.max(1, questions), interval: wilsonInterval(right, questions) }
}
