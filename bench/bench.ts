// npm run bench: Valley and its peers in turns in one run, on the same shapes with as many bits, on this machine.
// BENCHMARKS.md says how to read what it prints.
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Precision } from '../src/model-build/precision.ts'
import { buildShape } from './build-shape.ts'
import { installPeers } from './install-peers.ts'
import { writeLongClip } from './long-clip.ts'
import { MEASUREMENTS, type Measurement, type RunnerName } from './measurements.ts'
import { FIGURES, rowsOf, type Turns, tableOf, writeReport } from './report.ts'
import { Runner } from './runner.ts'
import type { Figures } from './runners/serve.ts'
import { SHAPES, type ShapeName } from './shapes.ts'
import { writeGguf } from './write-gguf.ts'

/** Measured by default; the 7B shape takes 10 GB of disk and many minutes, so it is asked for by name. */
const DEFAULT_NAMES = MEASUREMENTS.map(({ name }) => name).filter((name) => name !== 'text-7b')
const PAGE = join(import.meta.dirname, '../BENCHMARKS.md')

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    folder: { type: 'string', default: join(tmpdir(), 'valley-bench') },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const names = positionals.length === 0 ? DEFAULT_NAMES : positionals
const chosen = names.map((name) => {
  const found = MEASUREMENTS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`There is no ${name}; there are ${MEASUREMENTS.map((one) => one.name)}.`)
  return found
})

await mkdir(options.folder, { recursive: true })
if (chosen.some(({ runners }) => runners.includes('node-llama-cpp'))) await installPeers()
const rows: string[][] = []
for (const measurement of chosen) {
  const turns = await measure(measurement)
  if (options.json) console.log(JSON.stringify({ measurement: measurement.name, turns }))
  rows.push(...rowsOf(measurement, turns, Number(options.threads)))
}
console.log(tableOf(FIGURES, rows))
if (options.write) writeReport(PAGE, FIGURES, rows)

/** One unmeasured turn to warm up, then turn by turn, the order of the runners changing each time. */
async function measure({ name, runners, task, ...measurement }: Measurement): Promise<Turns> {
  console.error(`Measuring ${name}...`)
  const turns: Record<string, Figures[]> = {}
  const opened: Runner[] = []
  try {
    for (const runner of runners) {
      try {
        opened.push(await openRunner(runner, measurement))
        turns[runner] = []
      } catch (error) {
        // PyTorch is measured where it is at hand.
        if (runner !== 'pytorch') throw error
        console.error(`Without ${runner}: ${error instanceof Error ? error.message.split('\n').at(-1) : error}`)
      }
    }
    for (const runner of opened) await runner.measure(task)
    for (let turn = 0; turn < Number(options.turns); turn++) {
      for (const runner of turn % 2 === 0 ? opened : opened.toReversed()) {
        turns[runner.name]!.push(await runner.measure(task))
      }
    }
  } finally {
    await Promise.all(opened.map((runner) => runner.close()))
  }
  return turns
}

async function openRunner(
  name: RunnerName,
  { shape, precision }: Pick<Measurement, 'shape' | 'precision'>,
): Promise<Runner> {
  const script = (file: string) => join(import.meta.dirname, 'runners', file)
  if (name === 'pytorch') {
    const sizes = JSON.stringify(SHAPES[shape].tower)
    return Runner.open(name, options.python, [script('pytorch.py'), sizes, options.threads])
  }
  const model = await modelOf(name, shape, precision)
  const flags = ['--import', import.meta.resolve('tsx'), script(`${name}.ts`)]
  return Runner.open(name, process.execPath, [...flags, model, options.threads])
}

/** The file or folder that a runner works on, made when it is not there. */
function modelOf(name: RunnerName, shape: ShapeName, precision: Precision): Promise<string> {
  if (name === 'clip-decode') return writeLongClip(options.folder)
  if (name === 'node-llama-cpp') return writeGguf(options.folder, shape, SHAPES[shape].language)
  return buildShape(options.folder, shape, precision)
}
