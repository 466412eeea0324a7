// A run over a set for people to read, and the same for programs.
import { median } from '../../statistics/averages.ts'
import { percent, textTable } from '../text-table.ts'
import { type BenchmarkMeasure, chanceOf, measureBenchmark } from './benchmark-measures.ts'
import type { RunResult } from './run-benchmark.ts'

/** What was run. */
export interface RunHead {
  readonly set: string
  readonly title: string
  readonly model: string
  readonly method: string
  /** Whether questions were asked alone. */
  readonly isPlain: boolean
  /** Name of the judge's model; null for none. */
  readonly judge: string | null
  readonly framesShuffled: boolean
  /** Questions in the set's files, and rows of these that are none. */
  readonly questionsInSet: number
  readonly wrongRows: number
  /** What the judge took, e.g. of tokens; empty without one. */
  readonly spent: Readonly<Record<string, number>>
}

const NAMES_SHOWN = 5
/** What a judge took, in words. */
const SPENT_WORDS: Readonly<Record<string, string>> = {
  asked: 'asked',
  remembered: 'remembered from before',
  retries: 'asked again after a failure',
  inputTokens: 'tokens read',
  outputTokens: 'tokens written',
}

/** The whole run as one object. */
export function benchmarkReport(head: RunHead, run: RunResult) {
  const measures = measureBenchmark(run.scored)
  return {
    ...head,
    chance: chanceOf(run.scored),
    counts: {
      asked: run.scored.length,
      missingClips: run.missing.length,
      unreadableClips: run.unreadable.length,
      undecided: run.scored.filter(({ chosen, isRight }) => chosen === null && isRight !== null).length,
      needJudge: run.scored.filter(({ isRight }) => isRight === null).length,
      unjudged: run.scored.filter(({ unjudged }) => unjudged !== undefined).length,
    },
    millisecondsMedian: median(run.milliseconds) ?? 0,
    measures,
    missing: [...new Set(run.missing.map(({ clip }) => clip.name))],
    unreadable: run.unreadable.map(({ asked, code }) => ({ id: asked.id, clip: asked.clip.name, code })),
    results: run.scored,
  }
}

/** The report of a run. */
export type BenchmarkReport = ReturnType<typeof benchmarkReport>

/** The report as a table with what else must be known to read it. Ends with a line break. */
export function renderBenchmarkReport(report: BenchmarkReport): string {
  const { counts, chance, measures } = report
  const shuffled = report.framesShuffled ? ', frames in a wrong order' : ''
  const how = report.isPlain ? `${report.method}, questions alone` : report.method
  const judge = report.judge === null ? '' : `, judged by ${report.judge}`
  const lines = [
    `${report.title}, answered by ${report.model} (${how})${judge}${shuffled}`,
    '',
    ...(measures.length === 0 ? ['nothing could be scored'] : textTable([HEAD, ...measures.map(rowOf)], 3)),
    '',
    `answered: ${counts.asked} of ${report.questionsInSet} questions of the set, ${(report.millisecondsMedian / 1000).toFixed(2)} s each (median)`,
    ...(chance === null ? [] : [`right by guessing: ${percent(chance)}`]),
    ...told(counts.missingClips, 'questions whose clip is missing', report.missing),
    ...told(
      counts.unreadableClips,
      'questions whose clip cannot be read',
      report.unreadable.map(({ clip, code }) => `${clip} (${code})`),
    ),
    ...told(report.wrongRows, 'rows of the files that are no question', []),
    ...told(counts.undecided, 'answers that choose nothing by rule, counted as wrong', []),
    ...told(counts.needJudge, 'answers that only a judge can tell, not counted; name one by --judge', []),
    ...told(counts.unjudged, 'answers on which the judge said nothing that can be read, not counted', []),
    ...Object.entries(report.spent).map(([name, count]) => `judge, ${SPENT_WORDS[name] ?? name}: ${count}`),
  ]
  return `${lines.join('\n')}\n`
}

const HEAD = ['', 'measure', 'group', 'cases', 'value', '95 % interval']

function rowOf(one: BenchmarkMeasure, index: number): string[] {
  const { low, high } = one.interval
  return [
    String(index + 1),
    one.measure,
    one.group,
    String(one.cases),
    figureText(one.value, one),
    `${figureText(low, one)} to ${figureText(high, one)}`,
  ]
}

/** A share as percent, a score as it is. */
export function figureText(value: number, { scale }: Pick<BenchmarkMeasure, 'scale'>): string {
  return scale === 'share' ? percent(value) : value.toFixed(2)
}

function told(count: number, what: string, names: readonly string[]): string[] {
  if (count === 0) return []
  const shown = [...new Set(names)].slice(0, NAMES_SHOWN).join(', ')
  const more = new Set(names).size > NAMES_SHOWN ? ', …' : ''
  return [`${what}: ${count}${shown === '' ? '' : ` (${shown}${more})`}`]
}
