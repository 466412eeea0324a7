// What the scores of a set amount to: for each measure a row for every group and one for all, each with its 95 % interval.
// Questions about the same clip are counted as independent, as the published figures do.
import { mean } from '../../statistics/averages.ts'
import { bootstrapInterval } from '../../statistics/bootstrap.ts'
import { type Interval, wilsonInterval } from '../../statistics/wilson.ts'
import { AXES } from './benchmark-question.ts'
import type { ScoredQuestion } from './score-question.ts'

/** One figure. */
export interface BenchmarkMeasure {
  readonly measure: string
  readonly group: string
  readonly cases: number
  /** A share in [0, 1], or a mean of scores from 0 to 5. */
  readonly value: number
  readonly scale: 'share' | 'score'
  readonly interval: Interval
}

/** Name of the row over all groups. */
export const ALL = 'all'

/** Every figure that the scores allow. */
export function measureBenchmark(scored: readonly ScoredQuestion[]): BenchmarkMeasure[] {
  const basic = scored.filter(({ pair }) => pair?.part === 'basic')
  const invented = scored.filter(({ pair }) => pair?.part === 'hallucination')
  return [
    ...shares('right', scored, ({ isRight }) => isRight),
    ...shares('right, of what is shown', basic, ({ isRight }) => isRight),
    ...shares('right, of what is not', invented, ({ isRight }) => isRight),
    ...pairShares(scored),
    ...shares('is the answer', scored, ({ match }) => match?.isSame),
    ...shares('holds the answer', scored, ({ match }) => match?.holds),
    ...shares('judged right', scored, ({ judged }) => judged?.match?.isRight),
    ...AXES.flatMap((axis) =>
      scores(axis === 'match' ? "judge's score" : axis, scored, ({ judged }) => judged?.[axis]?.score),
    ),
  ]
}

/** The share of right answers that guessing gives; null where nothing is to be chosen. */
export function chanceOf(scored: readonly ScoredQuestion[]): number | null {
  return mean(scored.flatMap(({ chance }) => chance ?? []))
}

function shares(
  measure: string,
  scored: readonly ScoredQuestion[],
  outcomeOf: (one: ScoredQuestion) => boolean | null | undefined,
): BenchmarkMeasure[] {
  const outcomes = scored.flatMap((one) => {
    const outcome = outcomeOf(one)
    return typeof outcome === 'boolean' ? [{ group: one.group, value: outcome }] : []
  })
  return byGroup(outcomes).map(({ group, values }) => shareOf(measure, group, values))
}

function pairShares(scored: readonly ScoredQuestion[]): BenchmarkMeasure[] {
  const pairs = new Map<string, ScoredQuestion[]>()
  for (const one of scored) if (one.pair !== undefined) pairs.set(one.pair.id, [...(pairs.get(one.pair.id) ?? []), one])
  // Half a pair, whose other clip is missing, says nothing of the pair.
  const whole = [...pairs.values()].filter(({ length }) => length === 2)
  const outcomes = whole.map((both) => ({
    group: both[0]!.group,
    value: both.every(({ isRight }) => isRight === true),
  }))
  return byGroup(outcomes).map(({ group, values }) => shareOf('both of a pair right', group, values))
}

function scores(
  measure: string,
  scored: readonly ScoredQuestion[],
  scoreOf: (one: ScoredQuestion) => number | undefined,
): BenchmarkMeasure[] {
  const given = scored.flatMap((one) => {
    const value = scoreOf(one)
    return value === undefined ? [] : [{ group: one.group, value }]
  })
  return byGroup(given).map(({ group, values }) => ({
    ...{ measure, group, cases: values.length, scale: 'score', value: mean(values)! },
    interval: bootstrapInterval(values, mean)!,
  }))
}

/** Groups in the order in which they come up, then all; a single group is no other than all. */
function byGroup<Value>(items: readonly { readonly group: string; readonly value: Value }[]) {
  const groups = [...new Set(items.map(({ group }) => group))]
  const rows = groups.map((group) => ({
    group,
    values: items.filter((item) => item.group === group).map(({ value }) => value),
  }))
  const all = { group: ALL, values: items.map(({ value }) => value) }
  return items.length === 0 ? [] : groups.length === 1 ? [all] : [...rows, all]
}

function shareOf(measure: string, group: string, outcomes: readonly boolean[]): BenchmarkMeasure {
  const right = outcomes.filter(Boolean).length
  return {
    ...{ measure, group, cases: outcomes.length, scale: 'share', value: right / outcomes.length },
    interval: wilsonInterval(right, outcomes.length),
  }
}
