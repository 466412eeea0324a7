// `valley evaluate`: how good a model's answers are, on a suite of our own form or on a published set.
import type { Command } from 'commander'
import { AppError } from '../errors.ts'
import { BENCHMARKS, METHODS } from '../evaluation/benchmark/benchmarks.ts'
import { withContext } from './context.ts'
import { evaluateSet, type SetOptions } from './evaluate-set.ts'
import { evaluateSuite, type SuiteOptions } from './evaluate-suite.ts'
import { wholeNumber } from './option-values.ts'

const SET_LIST = Object.entries(BENCHMARKS)
  .map(([name, { title }]) => `  ${name.padEnd(16)} ${title}`)
  .join('\n')

const EXAMPLES = `
Sets:
${SET_LIST}

Examples:
  $ valley evaluate
  $ valley evaluate --suite my-suite --model models/valley-7b --json report.json
  $ valley evaluate --suite held-out --markdown table.md
  $ valley evaluate --suite held-out --shuffle-frames
  $ valley evaluate msvd-qa --annotations test_qa.json --videos YouTubeClips --limit 500
  $ valley evaluate mvbench --annotations json --videos video --score likelihood
  $ valley evaluate video-chatgpt --annotations qa --videos clips --judge http://localhost:11434/v1 --judge-model qwen3

Without a set, answers are scored by rule; models/README.md has the format of a suite and the rules. docs/evaluation.md has
the files of each set, the scores and the judge. Wrong answers do not change the exit status, which tells only whether
the questions could be asked.
`

/** Adds the command. */
export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .summary('measure a model on held-out questions or on a published set')
    .description(
      'Ask a model every question of a suite, or of a published set that you downloaded, and report how many answers are right.',
    )
    .argument('[set]', `a published set: ${Object.keys(BENCHMARKS).join(', ')}`)
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--json <file>', 'also write the report with every answer to a file')
    .option('--shuffle-frames', 'show the frames of each clip in a wrong order: what needs time must fall to chance')
    .option('--limit <n>', 'ask only n questions: the first of a suite, of a set some spread over it', wholeNumber)
    .option('--suite <dir>', "folder of the suite (default: the model package's own, its folder evaluation/)")
    .option('--markdown <file>', 'also write the measures of a suite in several languages as a table for a model card')
    .option('--annotations <files...>', 'files of the set, or their folder')
    .option('--videos <folder>', 'where the clips of the set are')
    .option('--score <how>', `how answers to questions with options are taken: ${METHODS.join(', ')}`, 'answer')
    .option('--plain', 'ask the questions of the set alone, without options and without the form of the answer')
    .option('--out <folder>', 'where answers, report and plot are kept (default: evaluation-SET)')
    .option('--judge <url>', 'an OpenAI-compatible API that judges answers, up to and with its version')
    .option('--judge-model <name>', 'the judge by the name that the API knows')
    .option('--judge-structure <form>', 'how the judge is held to its form: schema, object or words', 'schema')
    .option('--concurrency <n>', 'answers that are judged at once', wholeNumber, 4)
    .addHelpText('after', EXAMPLES)
    .action((set: string | undefined, options: SuiteOptions & SetOptions) =>
      withContext((context) => {
        checkOptions(set, options)
        return set === undefined ? evaluateSuite(options, context) : evaluateSet(set, options, context)
      }),
    )
}

/** What belongs to a suite says nothing of a set, and the other way round. */
function checkOptions(set: string | undefined, options: SuiteOptions & SetOptions): void {
  const { limit, suite, markdown, annotations, videos, judge } = options
  if (limit === 0) {
    throw new AppError('CONFIG_INVALID', 'valley evaluate: --limit is 0; 1 or more is needed. Leave it out to ask all.')
  }
  const foreign = Object.entries(set === undefined ? { annotations, videos, judge } : { suite, markdown }).find(
    ([, value]) => value !== undefined,
  )
  if (foreign === undefined) return
  const [name] = foreign
  const seen = set === undefined ? 'without a set' : `with the set ${set}`
  throw new AppError(
    'CONFIG_INVALID',
    `valley evaluate: --${name} is given ${seen}, where it means nothing. Leave it out, or see valley evaluate --help.`,
  )
}
