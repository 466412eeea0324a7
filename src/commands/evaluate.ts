// `valley evaluate`: the held-out questions of a suite, asked on the product's own path from file to answer.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
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
import { type CommandContext, withContext } from './context.ts'
import { openAnswerer } from './open-answerer.ts'
import { wholeNumber } from './option-values.ts'
import { withShuffledFrames } from './shuffled-frames.ts'

interface EvaluateOptions {
  readonly suite?: string
  readonly model?: string
  readonly json?: string
  readonly markdown?: string
  readonly shuffleFrames?: true
  readonly limit?: number
}

const EXAMPLES = `
Examples:
  $ valley evaluate
  $ valley evaluate --limit 20
  $ valley evaluate --suite my-suite --model models/valley-7b --json report.json
  $ valley evaluate --suite held-out --markdown table.md
  $ valley evaluate --suite held-out --shuffle-frames

Answers are scored by rule; models/README.md has the format of a suite and the rules. Wrong answers do not change the
exit status, which tells only whether the suite could be run.
`

/** Adds the command. */
export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .summary('measure a model on held-out questions')
    .description('Ask a model every question of a suite and report how many answers are right, by kind of question.')
    .option('--suite <dir>', "folder of the suite (default: the model package's own, its folder evaluation/)")
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--json <file>', 'also write the report with every answer to a file')
    .option('--markdown <file>', 'also write the measures of a suite in several languages as a table for a model card')
    .option('--shuffle-frames', 'show the frames of each clip in a wrong order: what needs time must fall to chance')
    .option('--limit <n>', 'ask only the first n questions', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action((options: EvaluateOptions) => withContext((context) => evaluate(options, context)))
}

async function evaluate(options: EvaluateOptions, { config, signal }: CommandContext): Promise<void> {
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
  const secondsLeft = Math.round((elapsedMs / done / 1000) * (total - done))
  const clock = `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}`
  return `question ${Math.min(done + 1, total)} of ${total}, ${right} of ${done} right, ${clock} left`
}

async function writeReport(file: string, text: string, option: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    const seen = cause instanceof Error && 'code' in cause ? cause.code : cause
    const message = `The report cannot be written to ${file} (${seen}). Name a file in a folder that can be written to by ${option}.`
    throw new AppError('CONFIG_INVALID', message, { cause })
  }
}
