// `valley data draft`: captions for clips that have none, by the model that Valley runs with.
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { type Describer, draftCaptions } from '../data/draft-captions.ts'
import { AppError } from '../errors.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { leftOutLines, tellLeftOut } from './data-options.ts'
import { openAnswerer } from './open-answerer.ts'

interface DraftOptions {
  readonly model?: string
  readonly question: string
}

const EXAMPLES = `
Example:
  $ valley data draft clips captions.jsonl
  $ valley data align captions.jsonl alignment.jsonl --clips clips

Lines are added to the file: the same command goes on where it stopped. Drafts are a beginning for people to correct; the
embedded model knows only its drawn world.
`
const QUESTION = 'Describe what happens in the clip.'

/** Adds the command to the group. */
export function registerDataDraft(group: Command): void {
  group
    .command('draft')
    .summary('draft captions for clips that have none')
    .description('Ask a model package to describe each clip of a folder; writes a table of captions.')
    .argument('<folder>', 'folder of clips')
    .argument('<out>', 'table to write or to go on with: JSON lines')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--question <words>', 'what is asked of each clip', QUESTION)
    .addHelpText('after', EXAMPLES)
    .action((folder: string, out: string, options: DraftOptions) =>
      withContext((context) => draft(folder, out, options, context)),
    )
}

async function draft(folder: string, out: string, options: DraftOptions, context: CommandContext): Promise<void> {
  const { config, signal } = context
  const answerer = openAnswerer(await chooseModel(options.model, config), config)
  const describe: Describer = async (path) => {
    const clip = { type: 'clip', clip: { id: 'clip-1', ...localClip(path) } } as const
    const content = [clip, { type: 'text', text: options.question } as const]
    const question = { threadId: `draft:${path}`, messages: [{ role: 'user' as const, content }], options: {} }
    try {
      for await (const event of answerer.answer(question, signal)) {
        if (event.type === 'end') return { caption: event.report.answer, model: event.report.model }
      }
    } finally {
      await answerer.forget(question.threadId)
    }
    signal.throwIfAborted()
    throw new AppError('INFERENCE_FAILED', `The description of ${path} never ended. This is a fault of Valley.`)
  }
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  try {
    const onProgress = (done: number, total: number) => progress.show(`clip ${done + 1} of ${total}`)
    const { written, kept } = await draftCaptions({ folder, out, signal, onProgress }, describe, leftOut)
    progress.clear()
    const lines = [`written: ${written}`, `there before: ${kept}`, ...leftOutLines(leftOut)]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    progress.clear()
    await answerer.close()
  }
}
