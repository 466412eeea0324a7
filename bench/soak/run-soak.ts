// npm run soak: 2,000 questions over 200 threads, and a picture of the memory meanwhile. Ends with status 1 when an answer was
// lost or mixed up, or memory grew.

import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../../src/engine/engine.ts'
import { buildShape } from '../build-shape.ts'
import { drawPlot } from '../growth/draw-plot.ts'
import { type ReportTable, tableOf, writeReport } from '../report.ts'
import { Soak } from './soak.ts'

const TABLE: ReportTable = {
  name: 'soak',
  head: [
    'questions',
    'threads',
    'answered',
    'cancelled',
    'mixed',
    'lost',
    'memory after a quarter',
    'at the end',
    'took',
  ],
  keys: [0, 1],
}
const PAGE = join(import.meta.dirname, '../../BENCHMARKS.md')
const MEBIBYTE = 1024 * 1024
/** More than a collection leaves lying about, far less than a leaked cache a question would add up to. */
const MOST_GROWTH_BYTES = 150 * MEBIBYTE

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '200' },
    folder: { type: 'string', default: join(tmpdir(), 'valley-bench') },
    write: { type: 'boolean', default: false },
  },
})
await mkdir(values.folder, { recursive: true })
const parkingFolder = await mkdtemp(join(tmpdir(), 'valley-soak-'))
const engine = await openEngine({
  packageDirectory: await buildShape(values.folder, 'small', 'int8'),
  threads: 1,
  maxConversations: 30, // so that many are parked on the disk and come back
  parkingFolder,
})
const begun = performance.now()
try {
  const [questions, threads] = [Number(values.questions), Number(values.threads)]
  const report = await new Soak(engine).run({ questions, threads, atOnce: 24 })
  const { answered, cancelled, mixed, lost, residentBytes } = report
  const [warm, last] = [residentBytes[Math.floor(residentBytes.length / 4)]!, residentBytes.at(-1)!]
  const memory = [warm, last].map((bytes) => `${Math.round(bytes / MEBIBYTE)} MiB`)
  const took = `${Math.round((performance.now() - begun) / 1000)} s`
  const row = [questions, threads, answered, cancelled, mixed, lost, ...memory, took].map(String)
  console.log(tableOf(TABLE, [row]))
  if (values.write) {
    const sizes = residentBytes.map((_, at) => Math.round(((at + 1) * questions) / residentBytes.length))
    const line = { values: residentBytes.map((bytes) => bytes / MEBIBYTE) }
    writeFileSync(join(import.meta.dirname, 'memory.png'), await drawPlot(sizes, [line], 'even'))
    writeReport(PAGE, TABLE, [row])
  }
  if (mixed > 0 || lost > 0 || last - warm > MOST_GROWTH_BYTES) process.exitCode = 1
} finally {
  await engine.close()
  await rm(parkingFolder, { recursive: true, force: true })
}
