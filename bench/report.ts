// Measurements become rows of BENCHMARKS.md; the rest of that page is written by hand and stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { FigureLine, Measurement } from './measurements.ts'
import type { Figures } from './runners/serve.ts'
import { ratios, type Summary, summarise } from './statistics.ts'

const BEGIN = '<!-- measured -->'
const END = '<!-- /measured -->'

/** What each runner answered, turn by turn. */
export type Turns = Readonly<Record<string, readonly Figures[]>>

/** Rows of the table for one measurement, each a list of cells. */
export function rowsOf(measurement: Measurement, turns: Turns, threads: number): string[][] {
  return measurement.lines.map((line) => rowOf(measurement, line, turns, threads))
}

/** The table as Markdown. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const head = ['figure', 'shape', 'Valley', 'against', 'theirs', 'ratio', 'goal']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Puts the table into BENCHMARKS.md. Rows that were not measured now are kept. */
export function writeReport(path: string, rows: readonly (readonly string[])[]): void {
  const page = readFileSync(path, 'utf8')
  const [before, rest = ''] = page.split(BEGIN)
  const [measured = '', after = ''] = rest.split(END)
  const known = new Map(
    measured
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| figure') && !line.startsWith('| ---'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map((cells) => [`${cells[0]} ${cells[3]}`, cells]),
  )
  for (const row of rows) known.set(`${row[0]} ${row[3]}`, [...row])
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`
  const table = `${BEGIN}\nLast written on: ${machine}.\n\n${tableOf([...known.values()])}\n${END}`
  writeFileSync(path, `${before}${table}${after}`)
}

function rowOf(
  { subject, shape, precision, runners }: Measurement,
  line: FigureLine,
  turns: Turns,
  threads: number,
): string[] {
  const valuesOf = (runner: string, key: string) => (turns[runner] ?? []).map((figures) => figures[key] ?? Number.NaN)
  const [own = '', peer = ''] = runners
  const ours = valuesOf(own, line.key)
  const theirs = line.against === undefined ? valuesOf(peer, line.key) : valuesOf(own, line.against.key)
  const cells = [
    line.what,
    subject ?? `${shape} ${precision}, ${threads} thread${threads === 1 ? '' : 's'}`,
    cell(summarise(ours), line.unit),
  ]
  if (theirs.length === 0) return [...cells, '-', '-', '-', line.goal]
  const ratio = ratios(ours, theirs)
  const shown = `${ratio.median.toFixed(2)} ± ${Math.round(ratio.spread * 100)} %`
  return [...cells, line.against?.name ?? peer, cell(summarise(theirs), line.unit), shown, line.goal]
}

function cell({ median, spread }: Summary, unit: string): string {
  const digits = median >= 100 ? 0 : median >= 10 ? 1 : 2
  return `${median.toFixed(digits)} ${unit} ± ${Math.round(spread * 100)} %`
}
