// `valley evaluate SET`: a published set that people downloaded, asked on the product's own path and scored by rule, by
// probabilities or by a judge.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { AppError } from '../errors.ts'
import { AnswerLog } from '../evaluation/benchmark/answer-log.ts'
import { benchmarkReport, renderBenchmarkReport } from '../evaluation/benchmark/benchmark-report.ts'
import { BENCHMARKS, type Benchmark, METHODS, type Method } from '../evaluation/benchmark/benchmarks.ts'
import { ClipFinder } from '../evaluation/benchmark/clip-finder.ts'
import { measuresAsPng, measuresAsSvg } from '../evaluation/benchmark/draw-measures.ts'
import { chooseQuestions, planRun } from '../evaluation/benchmark/plan-run.ts'
import { benchmarkError, fileErrorText } from '../evaluation/benchmark/read-rows.ts'
import { runBenchmark } from '../evaluation/benchmark/run-benchmark.ts'
import { RememberingModel } from '../language-model/ask-model.ts'
import type { Generator } from '../language-model/chat-request.ts'
import { chooseModel } from './choose-model.ts'
import { withSpans } from './clip-spans.ts'
import type { CommandContext } from './context.ts'
import { writeReport } from './evaluate-suite.ts'
import { LateAnswerer } from './late-answerer.ts'
import { openAnswerer } from './open-answerer.ts'
import { isHttpAddress } from './option-values.ts'
import { withPictureFolders } from './picture-folders.ts'
import { withShuffledFrames } from './shuffled-frames.ts'
import { timeLeft } from './time-left.ts'
import { weigherOf } from './weigh-beginnings.ts'

/** Options of a run over a set. */
export interface SetOptions {
  readonly model?: string
  readonly json?: string
  readonly shuffleFrames?: true
  readonly limit?: number
  readonly annotations?: readonly string[]
  readonly videos?: string
  readonly score: string
  readonly plain?: true
  readonly out?: string
  readonly judge?: string
  readonly judgeModel?: string
  readonly judgeStructure: string
  readonly concurrency: number
}

const STRUCTURES = ['schema', 'object', 'words'] as const
const JUDGE_TIMEOUT_MS = 120_000
const MANIFEST_FILE = 'manifest.json'

/** Asks a set and prints the table. @throws AppError what is wrong with set, files, model, judge or options */
export async function evaluateSet(name: string, options: SetOptions, context: CommandContext): Promise<void> {
  const { config, signal } = context
  const benchmark = benchmarkNamed(name)
  const method = methodOf(options, benchmark, name)
  const { annotations, videos } = needed(options, name)
  const out = options.out ?? `evaluation-${name}`
  const judge = judgeOf(options, benchmark, name, join(out, 'judge'), context)

  const read = await benchmark.read(annotations)
  if (read.questions.length === 0) {
    throw benchmarkError(
      `${annotations.join(', ')} has no question of ${benchmark.title} (${read.wrong.length} rows do not fit); one is needed. Name the files of the set by --annotations.`,
    )
  }
  const plan = planRun(chooseQuestions(read.questions, options.limit ?? null), await ClipFinder.open(videos))
  if (plan.planned.length === 0) {
    const missing = plan.missing[0]!.clip.name
    throw benchmarkError(
      `None of the ${plan.missing.length} clips asked for is below ${videos}, the first of them ${missing}; at least one is needed. Correct --videos.`,
    )
  }
  await makeFolder(out)
  const log = await AnswerLog.open(join(out, 'answers.jsonl'))
  const directory = await chooseModel(options.model, config)
  const framesShuffled = options.shuffleFrames === true
  const isPlain = options.plain === true
  const fingerprint = `${await hashOf(join(directory, MANIFEST_FILE))}${framesShuffled ? ' shuffled' : ''}`
  const answerer = new LateAnswerer(() =>
    openAnswerer(directory, config, {
      wrapOpener: (opener) => {
        const inParts = withSpans(withPictureFolders(opener))
        return framesShuffled ? withShuffledFrames(inParts) : inParts
      },
    }),
  )
  const progress = new ProgressLine(process.stderr)
  const start = performance.now()
  const run = await runBenchmark(
    plan,
    { set: name, method, isPlain, fingerprint, answerer, weigh: weigherOf(answerer), log, signal },
    { judge: judge?.model ?? null, judgedAtOnce: options.concurrency },
    ({ done, total, askedNow }) => {
      const elapsed = performance.now() - start
      // What was known before takes no time, and says nothing of how long the rest takes.
      const left = timeLeft(askedNow, askedNow + total - done, elapsed)
      progress.show(`question ${Math.min(done + 1, total)} of ${total}, ${left} left`)
    },
  ).finally(async () => {
    progress.clear()
    await answerer.close()
  })

  const report = benchmarkReport(
    {
      ...{ set: name, title: benchmark.title, model: run.model ?? 'no model', method, isPlain },
      ...{ judge: judge?.name ?? null, framesShuffled, questionsInSet: read.questions.length },
      ...{ wrongRows: read.wrong.length, spent: judge === null ? {} : { ...judge.model.spent } },
    },
    run,
  )
  process.stdout.write(plainText(renderBenchmarkReport(report)))
  const text = `${JSON.stringify({ ...report, wrong: read.wrong }, null, 2)}\n`
  await writeReport(join(out, 'report.json'), text, '--out')
  await writeReport(join(out, 'plot.svg'), measuresAsSvg(report.measures), '--out')
  await writeReport(join(out, 'plot.png'), await measuresAsPng(report.measures), '--out')
  if (options.json !== undefined) await writeReport(options.json, text, '--json')
  process.stdout.write(plainText(`written: ${join(out, 'report.json')}, plot.svg, plot.png, answers.jsonl\n`))
}

function benchmarkNamed(name: string): Benchmark {
  if (Object.hasOwn(BENCHMARKS, name)) return BENCHMARKS[name as keyof typeof BENCHMARKS]
  const known = Object.keys(BENCHMARKS).join(', ')
  throw benchmarkError(`The set ${name} is not known; ${known} are. Name one of them, or none for a suite.`)
}

function methodOf({ score }: SetOptions, { methods, title }: Benchmark, name: string): Method {
  const method = METHODS.find((one) => one === score)
  if (method !== undefined && methods.includes(method)) return method
  throw benchmarkError(
    `--score ${score} does not suit ${title}; ${methods.join(', ')} do. See docs/evaluation.md for ${name}.`,
  )
}

function needed({ annotations, videos }: SetOptions, name: string) {
  if (annotations !== undefined && videos !== undefined) return { annotations, videos }
  const missing = annotations === undefined ? '--annotations' : '--videos'
  throw benchmarkError(
    `valley evaluate ${name} has no ${missing}; the set's files and its clips are needed. Add ${missing}; docs/evaluation.md says where to get them.`,
  )
}

/** The judge with its memory, or null for none. */
function judgeOf(options: SetOptions, benchmark: Benchmark, name: string, folder: string, context: CommandContext) {
  const { judge, judgeModel, judgeStructure, concurrency } = options
  if (judge === undefined) {
    if (!benchmark.needsJudge) return null
    throw benchmarkError(
      `valley evaluate ${name} has no --judge, and nothing else can tell how good its answers are. Add --judge URL and --judge-model NAME.`,
    )
  }
  const structure = STRUCTURES.find((one) => one === judgeStructure)
  if (judgeModel === undefined || structure === undefined || !isHttpAddress(judge) || concurrency < 1) {
    const seen = `--judge ${judge}, --judge-model ${judgeModel ?? 'missing'}, --judge-structure ${judgeStructure}, --concurrency ${concurrency}`
    throw benchmarkError(
      `${seen} do not fit; an http address, a name, ${STRUCTURES.join(', ')} and 1 or more are needed. Correct them.`,
    )
  }
  const generator: Generator = {
    ...{ baseUrl: judge, model: judgeModel, key: context.config.secrets.VALLEY_GENERATOR_KEY?.reveal() ?? null },
    ...{ temperature: 0, structure, timeoutMs: JUDGE_TIMEOUT_MS },
  }
  return { name: judgeModel, model: new RememberingModel(generator, folder, context.signal) }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw benchmarkError(
      `The folder ${folder} cannot be made (${fileErrorText(cause)}); a folder that can be written to is needed. Name another by --out.`,
      cause,
    )
  }
}

async function hashOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch (cause) {
    throw new AppError(
      'PACKAGE_MISSING',
      `${file} cannot be read (${fileErrorText(cause)}); a model package is needed. Name its folder by --model.`,
      { cause },
    )
  }
}
