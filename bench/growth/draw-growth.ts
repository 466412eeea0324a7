// npm run bench -- --plots: measures how cost grows, draws a picture of each series, and puts the numbers under the pictures.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchOptions, openRunner } from '../open-runner.ts'
import { type ReportTable, tableOf, writeReport } from '../report.ts'
import type { Figures } from '../runners/serve.ts'
import { summarise } from '../statistics.ts'
import { drawPlot } from './draw-plot.ts'
import { GROWTH, type GrowthSeries } from './series.ts'

/** Numbers of the pictures. */
const GROWTH_TABLE: ReportTable = {
  name: 'growth',
  head: ['picture', 'line', 'unit', 'at each size'],
  keys: [0, 1],
}

/**
 * Measures and draws.
 * @param page the page whose table is written anew
 * @param names of the series; all of them for none
 */
export async function drawGrowth(page: string, names: readonly string[], options: BenchOptions): Promise<void> {
  const unknown = names.find((name) => !GROWTH.some((series) => series.name === name))
  if (unknown !== undefined) throw new Error(`There is no ${unknown}; there are ${GROWTH.map(({ name }) => name)}.`)
  const chosen = GROWTH.filter(({ name }) => names.length === 0 || names.includes(name))
  for (const series of chosen) {
    console.error(`Measuring ${series.name}...`)
    const figures = await measureSizes(series, options)
    const sizes = series.points.map(({ size }) => size)
    const lines = series.lines.map((line) => ({
      ...line,
      values: sizes.map((size, at) => summarise(figures[at]!.map((one) => line.valueOf(one, size))).median),
    }))
    writeFileSync(join(import.meta.dirname, `${series.name}.png`), await drawPlot(sizes, lines))
    const rows = lines.map(({ what, unit, values }) => [
      series.name,
      what,
      unit,
      sizes.map((size, at) => `${size}: ${rounded(values[at]!)}`).join(', '),
    ])
    console.log(tableOf(GROWTH_TABLE, rows))
    writeReport(page, GROWTH_TABLE, rows)
  }
}

/** What a program answers at each size, turn by turn, after one turn to warm up; all sizes in each turn. */
async function measureSizes({ what, points }: GrowthSeries, options: BenchOptions): Promise<Figures[][]> {
  const minutes = points.flatMap(({ task }) => task.minutes ?? [])
  const runner = await openRunner(what.runners[0], { ...what, task: { ...points[0]!.task, minutes } }, options)
  const figures: Figures[][] = points.map(() => [])
  try {
    await runner.measure(points[0]!.task)
    for (let turn = 0; turn < options.turns; turn++) {
      for (const [at, { task }] of points.entries()) figures[at]!.push(await runner.measure(task))
    }
  } finally {
    await runner.close()
  }
  return figures
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
