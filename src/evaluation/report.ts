// A run of a suite for people to read. The numbers for programs are the summary itself, as JSON.
import type { QuestionResult } from './run-suite.ts'
import type { Suite } from './suite.ts'
import type { Score, Summary } from './summary.ts'
import { percent, textTable } from './text-table.ts'

/** Renders a run: a table by kind, the time a question takes, and every wrong answer. Ends with a line break. */
export function renderReport(suite: Pick<Suite, 'name'>, model: string, summary: Summary): string {
  const rows = [...summary.byKind.map((score) => row(score.kind, score)), row('all', summary.overall)]
  const { mean, median, longest } = summary.millisecondsPerQuestion
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`
  return `${[
    `${suite.name}, answered by ${model}`,
    '',
    ...textTable([['kind', 'questions', 'right', 'accuracy', '95 % interval'], ...rows]),
    '',
    `time per question: ${seconds(mean)} on average, median ${seconds(median)}, longest ${seconds(longest)}`,
    ...wrongAnswers(summary.wrong),
  ].join('\n')}\n`
}

function row(name: string, { questions, right, accuracy, interval }: Score): string[] {
  return [
    name,
    String(questions),
    String(right),
    percent(accuracy),
    `${percent(interval.low)} to ${percent(interval.high)}`,
  ]
}

function wrongAnswers(wrong: readonly QuestionResult[]): string[] {
  if (wrong.length === 0) return ['', 'wrong answers: none']
  const lines = wrong.map(
    ({ id, clip, question, expected, said }) =>
      `  ${id} ${clip}: ${question} expected ${expectation(expected)}, said ${JSON.stringify(said)}`,
  )
  return ['', `wrong answers: ${wrong.length}`, ...lines]
}

function expectation(expected: QuestionResult['expected']): string {
  return Object.values(expected)
    .map((value) => (Array.isArray(value) ? value.join(' and ') : String(value)))
    .join(', ')
}
