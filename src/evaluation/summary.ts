// What a run of a suite amounts to, in numbers.

import type { QuestionKind } from './question.ts'
import type { QuestionResult } from './run-suite.ts'
import { type Interval, wilsonInterval } from './wilson.ts'

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
      mean: times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length),
      median: median(times),
      longest: times.at(-1) ?? 0,
    },
  }
}

function score(results: readonly QuestionResult[]): Score {
  const questions = results.length
  const right = results.filter(({ isRight }) => isRight).length
  return { questions, right, accuracy: right / Math.max(1, questions), interval: wilsonInterval(right, questions) }
}

/** @param sorted ascending; none gives 0 */
function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
