// npm run bench: Valley and its peers in turns in one run, on the same shapes with as many bits, on this machine.
// BENCHMARKS.md says how to read what it prints. Rows are written as they are measured, so that a run that is broken off
// loses one measurement, and any of them can be taken again by its name.
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gpuName } from './gpu-name.ts'
import { drawGrowth } from './growth/draw-growth.ts'
import { MEASUREMENTS, type Measurement } from './measurements.ts'
import type { BenchOptions } from './open-runner.ts'
import { FIGURES, rowsOf, tableOf, writeReport } from './report.ts'
import { takeTurns } from './take-turns.ts'

/** What takes many minutes, or 10 GB of disk, is asked for by name, and so is what needs a GPU, which is seldom there. */
const LONG_ONES = ['text-7b', 'same-answers-fp32']
const DEFAULT_NAMES = MEASUREMENTS.filter(({ name, onGpu = false }) => !LONG_ONES.includes(name) && !onGpu).map(
  ({ name }) => name,
)
const PAGE = join(import.meta.dirname, '../BENCHMARKS.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    folder: { type: 'string', default: join(tmpdir(), 'valley-bench') },
    plots: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const { python, folder } = values
const options: BenchOptions = { turns: Number(values.turns), threads: Number(values.threads), python, folder }
await mkdir(folder, { recursive: true })
if (values.plots) await drawGrowth(PAGE, positionals, options)
else await measureAll(positionals.length === 0 ? DEFAULT_NAMES : positionals)

/** A measurement that fails does not stop the others. */
async function measureAll(names: readonly string[]): Promise<void> {
  const chosen = names.map((name) => {
    const found = MEASUREMENTS.find((one) => one.name === name)
    if (found === undefined) throw new Error(`There is no ${name}; there are ${MEASUREMENTS.map((one) => one.name)}.`)
    return found
  })
  const all: string[][] = []
  for (const measurement of chosen) {
    const begun = performance.now()
    console.error(`Measuring ${measurement.name}...`)
    try {
      const turns = await takeTurns(measurement, options)
      const rows = rowsOf(await withGpuName(measurement), turns, options.threads, (performance.now() - begun) / 1000)
      if (values.json) console.log(JSON.stringify({ measurement: measurement.name, turns }))
      if (values.write) writeReport(PAGE, FIGURES, rows)
      all.push(...rows)
    } catch (error) {
      console.error(`Not measured: ${measurement.name}: ${error instanceof Error ? error.message : error}`)
      process.exitCode = 1
    }
  }
  console.log(tableOf(FIGURES, all))
}

async function withGpuName(measurement: Measurement): Promise<Measurement> {
  const { onGpu = false, shape, precision } = measurement
  return onGpu ? { ...measurement, subject: `${shape} ${precision}, ${await gpuName()}` } : measurement
}
