// Measurements become rows of BENCHMARKS.md; the rest of that page is written by hand and stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { FigureLine, Measurement } from './measurements.ts'
import type { Figures } from './runners/serve.ts'
import { ratios, type Summary, summarise } from './statistics.ts'

/** A table of BENCHMARKS.md: between comments of its name, under a line that says where it was written. */
export interface ReportTable {
  readonly name: string
  readonly head: readonly string[]
  /** Columns that tell its rows apart. */
  readonly keys: readonly number[]
}

/** What is measured against others or against another way of Valley's own. */
export const FIGURES: ReportTable = {
  name: 'measured',
  head: ['figure', 'shape', 'Valley', 'against', 'theirs', 'ratio', 'goal', 'measured by', 'took'],
  keys: [0, 3],
}

/** What each runner answered, turn by turn. */
export type Turns = Readonly<Record<string, readonly Figures[]>>

/** Rows of the table for one measurement that took so long, all turns and programs together; each a list of cells. */
export function rowsOf(measurement: Measurement, turns: Turns, threads: number, tookSeconds: number): string[][] {
  const how = [measurement.name, `${Math.round(tookSeconds)} s`]
  return measurement.lines.map((line) => [...rowOf(measurement, line, turns, threads), ...how])
}

/** A table as Markdown. */
export function tableOf({ head }: ReportTable, rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Puts a table into BENCHMARKS.md. Rows that were not measured now are kept. */
export function writeReport(path: string, table: ReportTable, rows: readonly (readonly string[])[]): void {
  const [begin, end] = [`<!-- ${table.name} -->`, `<!-- /${table.name} -->`]
  const page = readFileSync(path, 'utf8')
  const [before, rest = ''] = page.split(begin)
  const [measured = '', after = ''] = rest.split(end)
  const keyOf = (cells: readonly string[]) => table.keys.map((column) => cells[column]).join(' ')
  const known = new Map(
    measured
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${table.head[0]} |`) && !line.startsWith('| ---'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map((cells) => [keyOf(cells), table.head.map((_, column) => cells[column] ?? '')]),
  )
  for (const row of rows) known.set(keyOf(row), [...row])
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`
  const text = `${begin}\nLast written on: ${machine}.\n\n${tableOf(table, [...known.values()])}\n${end}`
  writeFileSync(path, `${before}${text}${after}`)
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
    cell(summarise(ours), line.unit, ours.length),
  ]
  if (theirs.length === 0) return [...cells, '-', '-', '-', line.goal]
  const ratio = ratios(ours, theirs)
  const shown = Number.isNaN(ratio.median) ? '-' : `${ratio.median.toFixed(2)}${spreadText(ratio, ours.length)}`
  return [...cells, line.against?.name ?? peer, cell(summarise(theirs), line.unit, theirs.length), shown, line.goal]
}

function cell(summary: Summary, unit: string, turns: number): string {
  const { median } = summary
  const digits = Number.isInteger(median) || median >= 100 ? 0 : median >= 10 ? 1 : median >= 1 ? 2 : 4
  return `${median.toFixed(digits)} ${unit}`.trim() + spreadText(summary, turns)
}

/** Of a single turn there is no spread to tell. */
function spreadText({ spread }: Summary, turns: number): string {
  return turns < 2 || Number.isNaN(spread) ? '' : ` ± ${Math.round(spread * 100)} %`
}
