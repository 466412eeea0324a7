// The command line: picks a command, prints what went wrong as one line, sets the exit status. src/setup/valley.mjs
// imports the built form of this file once everything it needs is there.
import { Command } from 'commander'
import { registerAsk } from './commands/ask.ts'
import { registerBackup } from './commands/backup.ts'
import { registerChat } from './commands/chat.ts'
import { registerConfig } from './commands/config.ts'
import { registerData } from './commands/data.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDiscord } from './commands/discord.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerEvaluate } from './commands/evaluate.ts'
import { registerModel } from './commands/model.ts'
import { registerModeration } from './commands/moderation.ts'
import { describeError } from './commands/report-error.ts'
import { registerRestore } from './commands/restore.ts'
import { registerSlack } from './commands/slack.ts'
import { registerStatus } from './commands/status.ts'
import { readVersion, wantsStacks } from './config/installation.ts'

const REGISTRATIONS = [
  registerAsk,
  registerChat,
  registerModel,
  registerEvaluate,
  registerModeration,
  registerData,
  registerConfig,
  registerDiscord,
  registerSlack,
  registerDoctor,
  registerStatus,
  registerBackup,
  registerRestore,
  registerDemo,
]

const EXAMPLES = `
Examples:
  $ valley ask holiday.mp4 "What is in the clip?"
  $ valley chat holiday.mp4
  $ valley demo

Settings come from config/valley.yaml ("valley config example" explains each) and from the environment: VALLEY_CONFIG,
VALLEY_MODEL, VALLEY_MODELS_DIR, VALLEY_DATA_DIR, FFMPEG_PATH, FFPROBE_PATH, VALLEY_THREADS, VALLEY_LOG_LEVEL,
HF_TOKEN, HF_ENDPOINT, VALLEY_GENERATOR_KEY.
"npm start" connects to Discord and Slack. Exit status: 0 done, 1 failed, 2 wrong input or usage, 130 interrupted.
`

const program = new Command('valley')
  .description('Answers questions about clips with a model on this machine.')
  .version(readVersion())
  .helpCommand(false)
  .showSuggestionAfterError()
  .addHelpText('after', EXAMPLES)
  .exitOverride()
  // Errors are printed below, as one line.
  .configureOutput({ outputError: () => {} })
for (const register of REGISTRATIONS) register(program)

// A reader that leaves early (`valley ask … | head`) is not a failure worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(process.exitCode ?? 0)
})

try {
  await program.parseAsync()
} catch (error) {
  const { text, exitStatus } = describeError(error, wantsStacks())
  process.stderr.write(text)
  process.exitCode = exitStatus
}
// Everything was closed by now; what might still hold the event loop, like an open stdin, must not hang the program.
process.stdout.write('', () => process.exit())
