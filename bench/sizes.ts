// npm run bench:sizes: models of public sizes from a checkpoint on the disk to an answer about a clip file, each stage in a
// process of its own, its time and its memory measured. Weights are noise, and so are the answers: what is measured does not
// depend on what they say. BENCHMARKS.md says how to read what it prints.
import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import type { AnswerReport } from '../src/conversation/answerer.ts'
import { BUILT_CLI, buildIsCurrent } from '../src/setup/build.mjs'
import { projectPath } from '../src/setup/paths.mjs'
import { CHECKPOINT_SHAPES, type CheckpointShapeName } from './checkpoint-shapes.ts'
import { type DiskSpeed, measureDisk } from './disk-speed.ts'
import { type MeasuredProcess, measureProcess } from './measure-process.ts'
import { type ReportTable, tableOf, writeReport } from './report.ts'
import type { BuildFigures } from './runners/build-package.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

const TABLE: ReportTable = {
  name: 'sizes',
  head: [
    'shape',
    'precision',
    'package',
    'build',
    'checkpoint into package (by processor time; dd)',
    'most memory of the build',
    'first word',
    'words after it',
    'processor time of the answer',
    'most memory of the answer (its own)',
  ],
  keys: [0, 1],
}
const PAGE = join(import.meta.dirname, '../BENCHMARKS.md')
const QUESTION = 'What happens in the clip?'
const FRAMES = 8
const TSX = ['--import', import.meta.resolve('tsx')]

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    precision: { type: 'string', default: 'int8,int4' },
    threads: { type: 'string', default: '2' },
    tokens: { type: 'string', default: '32' },
    folder: { type: 'string', default: join(tmpdir(), 'valley-sizes') },
    measured: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const known = Object.keys(CHECKPOINT_SHAPES) as CheckpointShapeName[]
const names = positionals.length === 0 ? known.filter((name) => name !== 'valley-7b-2') : positionals
const chosen = names.map((name) => {
  const found = known.find((one) => one === name)
  if (found === undefined) throw new Error(`There is no ${name}; there are ${known.join(', ')}.`)
  return found
})

await mkdir(options.folder, { recursive: true })
const clip = await writeClip(options.folder)
const rows: string[][] = []
for (const name of chosen) rows.push(...(await measureShape(name)))
console.log(tableOf(TABLE, rows))
if (!options.keep) await rm(options.folder, { recursive: true, force: true })

/** One checkpoint at a time: the largest has 14 GB. */
async function measureShape(name: CheckpointShapeName): Promise<string[][]> {
  const checkpoint = join(options.folder, name)
  await rm(checkpoint, { recursive: true, force: true })
  console.error(`Writing ${name}...`)
  const checkpointBytes = await writeCheckpoint(checkpoint, name)
  const disk = await measureDisk(checkpoint)
  console.error(`dd reads ${text(disk.readPerSecond / 1e6)} MB/s and writes ${text(disk.writePerSecond / 1e6)} MB/s`)
  const measured: string[][] = []
  for (const precision of options.precision.split(',')) {
    const output = join(options.folder, `${name}-${precision}`)
    await rm(output, { recursive: true, force: true })
    console.error(`Building ${name} at ${precision}...`)
    const build = await buildOf(checkpoint, output, precision)
    console.error(`${name} ${precision}: ${build.figures.quality ?? 'not measured'}`)
    console.error('Asking...')
    const answer = await answerOf(output)
    measured.push(rowOf(name, precision, checkpointBytes, disk, build, answer))
    console.error(measured.at(-1)!.join(' | '))
    // At once: the largest takes long, and what was measured before it is not to be lost with it.
    if (options.write) writeReport(PAGE, TABLE, measured)
    if (!options.keep) await rm(output, { recursive: true, force: true })
  }
  if (!options.keep) await rm(checkpoint, { recursive: true, force: true })
  return measured
}

interface MeasuredBuild extends MeasuredProcess {
  readonly figures: BuildFigures
}

async function buildOf(checkpoint: string, output: string, precision: string): Promise<MeasuredBuild> {
  const runner = join(import.meta.dirname, 'runners/build-package.ts')
  const how = options.measured ? ['measured'] : []
  const built = await measureProcess([...TSX, runner, checkpoint, output, precision, ...how])
  return { ...built, figures: JSON.parse(built.stdout) as BuildFigures }
}

interface MeasuredAnswer extends MeasuredProcess {
  readonly report: AnswerReport
}

/** `valley ask`, as a person has it. */
async function answerOf(model: string): Promise<MeasuredAnswer> {
  const cli = buildIsCurrent() ? [projectPath(BUILT_CLI)] : [...TSX, projectPath('src/cli.ts')]
  const limits = ['--frames', String(FRAMES), '--max-tokens', options.tokens]
  const asked = ['ask', '--json', '--model', model, ...limits, clip, QUESTION]
  const answered = await measureProcess([...cli, ...asked], { VALLEY_THREADS: options.threads })
  return { ...answered, report: JSON.parse(answered.stdout) as AnswerReport }
}

function rowOf(
  name: string,
  precision: string,
  checkpointBytes: number,
  { readPerSecond, writePerSecond }: DiskSpeed,
  build: MeasuredBuild,
  answer: MeasuredAnswer,
): string[] {
  const { packageBytes, seconds, writeSeconds, writeProcessorSeconds } = build.figures
  const { timingsMs, tokenIds, tokensPerSecond } = answer.report
  const diskSeconds = checkpointBytes / readPerSecond + packageBytes / writePerSecond
  const { total = 0, generate = 0 } = timingsMs
  const speed = (spent: number) => text(checkpointBytes / spent / 1e6)
  const firstWordSeconds = (total - generate * (1 - 1 / tokenIds.length)) / 1000
  return [
    name,
    precision,
    gigabytes(packageBytes),
    `${text(seconds)} s`,
    `${speed(writeSeconds)} MB/s (${speed(writeProcessorSeconds)}; ${speed(diskSeconds)})`,
    gigabytes(build.peakBytes),
    `${text(firstWordSeconds)} s`,
    `${text(tokensPerSecond)} tokens/s`,
    `${text(answer.processorSeconds)} s`,
    `${gigabytes(answer.peakBytes)} (${gigabytes(answer.peakOwnBytes)})`,
  ]
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}

function text(value: number): string {
  return value.toFixed(value >= 100 ? 0 : 1)
}

/** Ten seconds with motion. */
async function writeClip(folder: string): Promise<string> {
  const path = join(folder, 'clip.mp4')
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=10']
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...pictures, '-c:v', 'libx264', '-y', path])
  return path
}
