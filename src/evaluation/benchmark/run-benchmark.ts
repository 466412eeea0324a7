// A run over a set from the first question to the last score. The judge is asked while the model answers on.
import type { ErrorCode } from '../../errors.ts'
import { type AskRequest, askQuestions } from './ask-questions.ts'
import type { BenchmarkQuestion } from './benchmark-question.ts'
import type { RunPlan } from './plan-run.ts'
import { type Judge, type ScoredQuestion, scoreQuestion } from './score-question.ts'

/** How far a run is. */
export interface RunProgress {
  readonly done: number
  readonly total: number
  /** Of those done, how many the model was asked now. */
  readonly askedNow: number
}

/** What came of a run. */
export interface RunResult {
  /** In the order of the plan. */
  readonly scored: readonly ScoredQuestion[]
  readonly missing: readonly BenchmarkQuestion[]
  readonly unreadable: readonly { readonly asked: BenchmarkQuestion; readonly code: ErrorCode }[]
  /** Name of the model package; null where nothing was answered. */
  readonly model: string | null
  /** Milliseconds of each question that was asked, ascending. */
  readonly milliseconds: readonly number[]
}

/** How it is judged. */
export interface JudgeOptions {
  readonly judge: Judge | null
  /** Answers that are judged at the same time. */
  readonly judgedAtOnce: number
}

/** @throws as askQuestions and scoreQuestion; what was answered until then is kept */
export async function runBenchmark(
  { planned, missing }: RunPlan,
  request: AskRequest,
  { judge, judgedAtOnce }: JudgeOptions,
  onProgress: (progress: RunProgress) => void = () => {},
): Promise<RunResult> {
  const scored: ScoredQuestion[] = []
  const unreadable: { asked: BenchmarkQuestion; code: ErrorCode }[] = []
  const milliseconds: number[] = []
  const underWay: Promise<ScoredQuestion>[] = []
  let model: string | null = null
  let [done, askedNow] = [0, 0]
  onProgress({ done, total: planned.length, askedNow })
  try {
    for await (const outcome of askQuestions(planned, request)) {
      if ('failure' in outcome) unreadable.push({ asked: outcome.asked, code: outcome.failure })
      else {
        model = outcome.answered.model
        milliseconds.push(outcome.answered.milliseconds)
        if (!outcome.wasKnown) askedNow += 1
        const scoring = scoreQuestion(outcome.asked, outcome.answered, judge)
        // It may fail before its turn to be awaited comes, which would end the program.
        scoring.catch(() => {})
        underWay.push(scoring)
        if (underWay.length >= judgedAtOnce) scored.push(await underWay.shift()!)
      }
      done += 1
      onProgress({ done, total: planned.length, askedNow })
    }
    while (underWay.length > 0) scored.push(await underWay.shift()!)
  } finally {
    await Promise.allSettled(underWay)
  }
  return { scored, missing, unreadable, model, milliseconds: milliseconds.toSorted((a, b) => a - b) }
}
