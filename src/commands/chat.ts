// `valley chat`: a conversation with history on the terminal, through the conversation core that serves every platform.
import type { Command } from 'commander'
import { TerminalAdapter } from '../../adapters/terminal/adapter.ts'
import { Bot } from '../conversation/bot.ts'
import { MemoryThreadStore } from '../conversation/thread-store.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { openAnswerer } from './open-answerer.ts'

const EXAMPLES = `
Examples:
  $ valley chat holiday.mp4
  $ printf '%s\\n' "What is it?" "Where does it move?" | valley chat holiday.mp4

Commands in the conversation: /clip FILE, /reset, /forget, /stats, /help, /quit. Ctrl-C stops an answer, not the program.
`

/** Adds the command. */
export function registerChat(program: Command): void {
  program
    .command('chat')
    .summary('hold a conversation about clips')
    .description('Hold a conversation about clips, with history. Also takes piped lines, each a turn.')
    .argument('[clip]', 'path of the clip to begin with')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .addHelpText('after', EXAMPLES)
    .action((clip: string | undefined, options: { model?: string }) =>
      withContext((context) => chat(clip, options.model, context)),
    )
}

/** Holds the conversation on this process's own streams until the person leaves. */
export async function chat(
  clip: string | undefined,
  model: string | undefined,
  context: CommandContext,
): Promise<void> {
  const { config, logger, interruption, signal } = context
  const answerer = openAnswerer(await chooseModel(model, config), config)
  try {
    await answerer.ready()
    const adapter = new TerminalAdapter({
      input: process.stdin,
      output: process.stdout,
      status: process.stderr,
      interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
      ...(clip === undefined ? {} : { clipPath: clip }),
    })
    interruption.handleInterrupt(() => (adapter.interrupt() === 'quit' ? 'end' : 'handled'))
    await adapter.run(new Bot({ answerer, store: new MemoryThreadStore(), logger }), signal)
  } finally {
    await answerer.close()
  }
}
