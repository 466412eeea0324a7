// `valley data draft`: captions for clips that have none, by the model that Valley runs with.
import { relative } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { dataError } from '../data/data-error.ts'
import { draftCaptions } from '../data/draft-captions.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { leftOutLines, tellLeftOut } from './data-options.ts'
import { DESCRIBE_QUESTION, describerOf } from './describe-clip.ts'
import { openAnswerer } from './open-answerer.ts'
import { wholeNumber } from './option-values.ts'
import { spreadDescribing } from './spread-work.ts'

interface DraftOptions {
  readonly model?: string
  readonly question: string
  readonly concurrency: number
  readonly spread?: true
}

const EXAMPLES = `
Example:
  $ valley data draft clips captions.jsonl
  $ valley data align captions.jsonl alignment.jsonl --clips clips

Lines are added to the file: the same command goes on where it stopped. Drafts are a beginning for people to correct; the
embedded model knows only its drawn world.
`

/** Adds the command to the group. */
export function registerDataDraft(group: Command): void {
  group
    .command('draft')
    .summary('draft captions for clips that have none')
    .description('Ask a model package to describe each clip of a folder; writes a table of captions.')
    .argument('<folder>', 'folder of clips')
    .argument('<out>', 'table to write or to go on with: JSON lines')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--question <words>', 'what is asked of each clip', DESCRIBE_QUESTION)
    .option('--concurrency <n>', 'clips that are looked at at once', wholeNumber, 1)
    .option(
      '--spread',
      'has them described by whoever runs `valley data work --draft`, on any machine, joined by VALLEY_REDIS_URL',
    )
    .addHelpText('after', EXAMPLES)
    .action((folder: string, out: string, options: DraftOptions) =>
      withContext((context) => draft(folder, out, options, context)),
    )
}

async function draft(folder: string, out: string, options: DraftOptions, context: CommandContext): Promise<void> {
  const { spread, concurrency, model } = options
  if (concurrency < 1 || (spread === true && model !== undefined)) {
    const seen = [...(spread ? ['--spread'] : []), ...(model === undefined ? [] : [`--model ${model}`])]
    throw dataError(
      `${[...seen, `--concurrency ${concurrency}`].join(', ')} do not fit; --spread, which leaves the model to whoever works, or a model, and 1 or more are allowed. Correct them.`,
    )
  }
  const { signal } = context
  const { describe, close } = spread === true ? await far(folder, options, context) : await near(options, context)
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  try {
    const onProgress = (done: number, total: number) => progress.show(`clip ${done + 1} of ${total}`)
    const { written, kept } = await draftCaptions({ folder, out, concurrency, signal, onProgress }, describe, leftOut)
    progress.clear()
    const lines = [`written: ${written}`, `there before: ${kept}`, ...leftOutLines(leftOut)]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    progress.clear()
    await close()
  }
}

/** A model of this process. */
async function near({ model, question }: DraftOptions, { config, signal }: CommandContext) {
  const answerer = openAnswerer(await chooseModel(model, config), config)
  return { describe: describerOf(answerer, question, signal), close: () => answerer.close() }
}

/** The models of those who work. */
async function far(folder: string, { question }: DraftOptions, context: CommandContext) {
  const { done, close } = await spreadDescribing(context, folder, question)
  return { describe: (path: string) => done(relative(folder, path)), close }
}
