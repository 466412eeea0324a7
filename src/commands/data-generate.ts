// `valley data generate`: a set for the second phase of training, written by a language model.
import { join } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { installationDirectory } from '../config/installation.ts'
import { dataError } from '../data/data-error.ts'
import {
  buildInstructionSet,
  type InstructionCounts,
  type InstructionRequest,
} from '../data/instruction/build-instructions.ts'
import { readRecipe } from '../data/instruction/recipe.ts'
import type { LeftOut } from '../data/left-out.ts'
import { readLanguages } from '../data/phrases/read-language.ts'
import { endWhole } from '../data/write/end-whole.ts'
import { openRecordWriter } from '../data/write/open-record-writer.ts'
import { OutputFile } from '../data/write/output-file.ts'
import { RememberingModel, type Spent } from '../language-model/ask-model.ts'
import type { Generator } from '../language-model/chat-request.ts'
import { type CommandContext, withContext } from './context.ts'
import { LANGUAGES_FOLDER } from './data-align.ts'
import { leftOutLines, tellLeftOut, writeReport } from './data-options.ts'
import { decimalNumber, isHttpAddress, wholeNumber } from './option-values.ts'
import { spreadQuestions } from './spread-work.ts'

interface GenerateOptions {
  readonly endpoint?: string
  readonly spread?: true
  readonly model: string
  readonly recipe?: string
  readonly language: string
  readonly structure: string
  readonly stream?: true
  readonly topUp?: true
  readonly temperature: number
  readonly concurrency: number
  readonly limit?: number
  readonly seed: number
  readonly cache?: string
  readonly priceInput: number
  readonly priceOutput: number
  readonly timeout: number
  readonly json?: string
}

const EXAMPLES = `
Examples:
  $ valley data generate clips.csv instructions.jsonl --endpoint http://localhost:11434/v1 --model qwen3
  $ valley data generate clips.csv instructions.jsonl --endpoint https://api.openai.com/v1 --model gpt-5-mini --limit 100

The key is read from VALLEY_GENERATOR_KEY. Answers are kept in the cache, so the same command goes on where it stopped and
a second run costs nothing. What does not pass the checks is in <out>.rejected.jsonl with the reason.
`
const RECIPE_FILE = 'config/data/instructions.yaml'
const STRUCTURES = ['schema', 'object', 'words'] as const

/** Adds the command to the group. */
export function registerDataGenerate(group: Command): void {
  group
    .command('generate')
    .summary('have a language model write an instruction set')
    .description(
      'Build a set for the second phase of training: dialogues that a language model writes from what is known.',
    )
    .argument('<table>', 'clips and captions: .csv, .tsv, .jsonl, .json, .parquet or a folder')
    .argument('<out>', 'what to write: .jsonl, .json, .parquet or .tar')
    .option('--endpoint <url>', 'an OpenAI-compatible API, up to and with its version')
    .option('--spread', 'in its place: whoever runs `valley data work`, on any machine, joined by VALLEY_REDIS_URL')
    .requiredOption('--model <name>', 'the model by the name that the API knows')
    .option('--recipe <file>', `prompts and checks (default: ${RECIPE_FILE} of the installation)`)
    .option('--language <name>', 'of rows that name none: en, es, de or zh', 'en')
    .option('--structure <form>', `how answers are held to their form: ${STRUCTURES.join(', ')}`, 'schema')
    .option('--stream', 'take answers piece by piece, for servers that give them in no other way')
    .option('--temperature <t>', 'from 0 to 2', decimalNumber, 0.7)
    .option('--concurrency <n>', 'questions under way at once', wholeNumber, 4)
    .option('--limit <n>', 'take only the first n rows', wholeNumber)
    .option('--top-up', 'ask about other clips for what is rejected, so that tasks keep their weights')
    .option('--seed <n>', 'which clip gets which task', wholeNumber, 0)
    .option('--cache <folder>', 'where answers are kept (default: <out>.cache)')
    .option('--price-input <price>', 'of a million tokens read', decimalNumber, 0)
    .option('--price-output <price>', 'of a million tokens written', decimalNumber, 0)
    .option('--timeout <seconds>', 'longest wait for an answer', wholeNumber, 120)
    .option('--json <file>', 'also write counts, costs and the recipe to a file, for `valley data card`')
    .addHelpText('after', EXAMPLES)
    .action((table: string, out: string, options: GenerateOptions) =>
      withContext((context) => generate(table, out, options, context)),
    )
}

async function generate(table: string, out: string, options: GenerateOptions, context: CommandContext): Promise<void> {
  const { config, signal } = context
  const generator = generatorOf(options, config.secrets.VALLEY_GENERATOR_KEY?.reveal() ?? null)
  const root = installationDirectory()
  const languages = await readLanguages(join(root, LANGUAGES_FOLDER))
  const { language, seed, concurrency, limit = null } = options
  if (!languages.has(language) || concurrency < 1) {
    const seen = `--language ${language}, --concurrency ${concurrency}`
    throw dataError(`${seen} do not fit; ${[...languages.keys()].join(', ')} and 1 or more are allowed. Correct them.`)
  }
  const recipe = await readRecipe(options.recipe ?? join(root, RECIPE_FILE))
  const spread = options.spread === true ? await spreadQuestions(context) : null
  try {
    const cache = options.cache ?? `${out}.cache`
    const model = new RememberingModel(generator, cache, signal, undefined, spread?.done)
    const request = { table, recipe, languages, language, seed, concurrency, limit, signal }
    const leftOut = tellLeftOut()
    const counts = await writeSet({ ...request, topUp: options.topUp === true }, out, model, leftOut, options)
    process.stdout.write(`${summaryText(counts, model.spent, options, leftOut)}\n`)
    if (options.json === undefined) return
    const { temperature, structure, topUp = false } = options
    const made = { by: 'valley data generate', model: options.model, temperature, structure, seed, language, topUp }
    const { spent } = model
    const report = { ...counts, leftOut: leftOut.counts, spent: { ...spent, cost: costOf(spent, options) }, recipe }
    await writeReport(options.json, { made, ...report })
  } finally {
    await spread?.close()
  }
}

async function writeSet(
  request: InstructionRequest,
  out: string,
  model: RememberingModel,
  leftOut: LeftOut,
  options: GenerateOptions,
): Promise<InstructionCounts> {
  const progress = new ProgressLine(process.stderr)
  const writer = await openRecordWriter(out, { clipsFolder: null })
  const rejects = await OutputFile.open(`${out}.rejected.jsonl`)
  try {
    return await endWhole([writer, rejects], () =>
      buildInstructionSet(request, model, leftOut, {
        write: (record) => writer.write(record),
        reject: (rejected) => rejects.write(`${JSON.stringify(rejected)}\n`),
        onProgress: (now) =>
          progress.show(`${now.rows} rows, ${model.spent.asked} asked, ${costText(model.spent, options)}`),
      }),
    )
  } finally {
    progress.clear()
  }
}

function generatorOf(options: GenerateOptions, key: string | null): Generator {
  const { endpoint, spread, model, temperature, timeout } = options
  const structure = STRUCTURES.find((one) => one === options.structure)
  const isOne = (endpoint === undefined) !== (spread === undefined)
  const isAddress = endpoint === undefined || isHttpAddress(endpoint)
  if (structure === undefined || !isOne || !isAddress || temperature < 0 || temperature > 2 || timeout < 1) {
    const asked = [endpoint === undefined ? '' : `--endpoint ${endpoint}`, spread === undefined ? '' : '--spread']
    const seen = `${asked.join(' ').trim() || 'no --endpoint'}, --structure ${options.structure}, --temperature ${temperature}, --timeout ${timeout}`
    throw dataError(
      `${seen} do not fit; an http address or --spread, ${STRUCTURES.join(', ')}, 0 to 2 and 1 or more are allowed. Correct them.`,
    )
  }
  const isStreamed = options.stream === true
  return { baseUrl: endpoint ?? '', model, key, temperature, structure, timeoutMs: timeout * 1000, isStreamed }
}

function costText(spent: Spent, prices: GenerateOptions): string {
  const { inputTokens, outputTokens } = spent
  return `${inputTokens} tokens read, ${outputTokens} written, cost ${costOf(spent, prices).toFixed(4)}`
}

function costOf({ inputTokens, outputTokens }: Spent, { priceInput, priceOutput }: GenerateOptions): number {
  return (inputTokens * priceInput + outputTokens * priceOutput) / 1e6
}

function summaryText(counts: InstructionCounts, spent: Spent, options: GenerateOptions, leftOut: LeftOut): string {
  const lines = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, count]) => `  ${name}: ${count}`)
  const sum = (of: Readonly<Record<string, number>>) => Object.values(of).reduce((total, count) => total + count, 0)
  const madeUp = counts.madeUp > 0 ? `, ${counts.madeUp} of them for rejected ones` : ''
  return [
    `written: ${sum(counts.written)} of ${counts.rows} rows${madeUp}`,
    ...lines(counts.written),
    `rejected: ${sum(counts.rejected)}`,
    ...lines(counts.rejected),
    `no task can be made of: ${counts.withoutTask}`,
    `answers: ${spent.asked} asked, ${spent.remembered} remembered, ${spent.retries} tries again`,
    costText(spent, options),
    ...leftOutLines(leftOut),
  ].join('\n')
}
