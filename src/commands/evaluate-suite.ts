// `valley evaluate` without a set: the held-out questions of a suite, asked on the product's own path from file to answer.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import { measure } from '../evaluation/measures.ts'
import { renderModelCardTable } from '../evaluation/model-card-table.ts'
import { renderReport } from '../evaluation/report.ts'
import { planQuestions, type QuestionResult, runSuite } from '../evaluation/run-suite.ts'
import { readSuite } from '../evaluation/suite.ts'
import { summarise } from '../evaluation/summary.ts'
import { yesNoAskerOf } from './ask-yes-no-words.ts'
import { chooseModel } from './choose-model.ts'
import type { CommandContext } from './context.ts'
import { openAnswerer } from './open-answerer.ts'
import { withShuffledFrames } from './shuffled-frames.ts'
import { timeLeft } from './time-left.ts'

/** Options of a run over a suite. */
export interface SuiteOptions {
  readonly suite?: string
  readonly model?: string
  readonly json?: string
  readonly markdown?: string
  readonly shuffleFrames?: true
  readonly limit?: number
}

/** Asks every question of a suite and prints the report. @throws AppError what is wrong with suite, model or options */
export async function evaluateSuite(options: SuiteOptions, { config, signal }: CommandContext): Promise<void> {
  if (options.limit === 0) {
    throw new AppError('CONFIG_INVALID', 'valley evaluate: --limit is 0; 1 or more is needed. Leave it out to ask all.')
  }
  const directory = await chooseModel(options.model, config)
  const suite = await readSuite(options.suite ?? join(directory, 'evaluation'))
  const total = planQuestions(suite, options.limit).length
  const framesShuffled = options.shuffleFrames === true
  const answerer = openAnswerer(directory, config, framesShuffled ? { wrapOpener: withShuffledFrames } : {})
  const progress = new ProgressLine(process.stderr)
  const start = performance.now()
  const results: QuestionResult[] = []
  try {
    progress.show(`question 1 of ${total}`)
    const limited = options.limit === undefined ? {} : { limit: options.limit }
    const run = runSuite(suite, answerer, { signal, askYesNo: yesNoAskerOf(answerer), ...limited })
    for await (const result of run) {
      results.push(result)
      progress.show(progressText(results, total, performance.now() - start))
    }
  } finally {
    progress.clear()
    await answerer.close()
  }
  const model = results[0]?.model
  assert(model !== undefined, 'a suite holds at least one question')
  const summary = summarise(results)
  const measures = suite.languages === undefined ? [] : measure(results)
  const head = { suite: suite.name, model, framesShuffled, goals: suite.goals ?? {} }
  const table = renderModelCardTable(head, measures)
  process.stdout.write(plainText(renderReport(suite, model, summary)))
  if (measures.length > 0) process.stdout.write(plainText(`\n${table}`))
  if (options.json !== undefined) {
    const report = { suite: suite.name, model, framesShuffled, ...summary, measures, results }
    await writeReport(options.json, `${JSON.stringify(report, null, 2)}\n`, '--json')
  }
  if (options.markdown !== undefined) await writeReport(options.markdown, table, '--markdown')
}

/** E.g. `question 12 of 200, 10 of 11 right, 0:45 left`. */
function progressText(results: readonly QuestionResult[], total: number, elapsedMs: number): string {
  const done = results.length
  const right = results.filter(({ isRight }) => isRight).length
  const left = timeLeft(done, total, elapsedMs)
  return `question ${Math.min(done + 1, total)} of ${total}, ${right} of ${done} right, ${left} left`
}

/** Writes a report. @param option by which its name was given; ends up in the error */
export async function writeReport(file: string, text: string | Uint8Array, option: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    const seen = cause instanceof Error && 'code' in cause ? cause.code : cause
    const message = `The report cannot be written to ${file} (${seen}). Name a file in a folder that can be written to by ${option}.`
    throw new AppError('CONFIG_INVALID', message, { cause })
  }
}
