// `valley demo`: a conversation about the bundled clips, through the same core as every platform, then what it cost.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { showReply } from '../../adapters/terminal/render.ts'
import { timingTable } from '../../adapters/terminal/timing-table.ts'
import type { AnswerReport } from '../conversation/answerer.ts'
import { Bot } from '../conversation/bot.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { MemoryThreadStore } from '../conversation/thread-store.ts'
import { AppError } from '../errors.ts'
import { readPackage } from '../model-package/open-package.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { readDemoScript } from './demo-script.ts'
import { openAnswerer } from './open-answerer.ts'

const EXAMPLES = `
Examples:
  $ valley demo
  $ valley demo --model models/valley-sticker-world
`

/** Said before and after, so that nobody takes the small model for a big one. */
const LIMITS_NOTE =
  'This is a small model of a drawn world: stickers that move over backgrounds. It knows nothing of camera footage.\n' +
  'For camera footage get another: "valley model list --available" shows some, "valley model pull" brings one.\n'

/** Adds the command. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('hold a conversation about the bundled clips')
    .description('Hold a conversation about the bundled clips and show what each stage cost. Needs no network.')
    .option(
      '--model <dir>',
      'folder of a model package with a demo (default: VALLEY_MODEL, else the only one in models/)',
    )
    .addHelpText('after', EXAMPLES)
    .action((options: { model?: string }) => withContext((context) => demo(options.model, context)))
}

async function demo(model: string | undefined, { config, logger, signal }: CommandContext): Promise<void> {
  const directory = await chooseModel(model, config)
  const { manifest } = await readPackage(directory)
  const scenes = await readDemoScript(directory)
  const answerer = openAnswerer(directory, config)
  try {
    const bot = new Bot({ answerer, store: new MemoryThreadStore(), logger })
    const progress = new ProgressLine(process.stderr)
    const reports: AnswerReport[] = []
    process.stdout.write(`Model ${manifest.name}: ${manifest.description}\n${LIMITS_NOTE}`)
    for (const [sceneIndex, { clipPath, questions }] of scenes.entries()) {
      process.stdout.write(`\nThe clip is ${clipPath}\n`)
      for (const [index, text] of questions.entries()) {
        process.stdout.write(`\n> ${text}\n`)
        const message = {
          id: `demo:${sceneIndex + 1}.${index + 1}`,
          threadId: `demo:${sceneIndex + 1}`,
          channelId: 'demo',
          userId: 'demo',
          text,
          clips: index === 0 ? [localClip(clipPath)] : [],
        }
        const reply = await showReply(bot.ask(message, signal), process.stdout, progress)
        signal.throwIfAborted()
        if (reply?.kind !== 'answer' || reply.report === undefined) {
          throw new AppError(
            reply?.code ?? 'INFERENCE_FAILED',
            `Question ${index + 1} of ${questions.length} about ${basename(clipPath)} got no answer. ` +
              'Run "valley doctor" to see what is missing.',
          )
        }
        reports.push(reply.report)
      }
    }
    process.stdout.write(`\n${timingTable(reports)}\n${LIMITS_NOTE}`)
  } finally {
    await answerer.close()
  }
}
