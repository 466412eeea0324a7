// The command line: picks a command, prints what went wrong as one line, sets the exit status. src/setup/valley.mjs
// imports the built form of this file once everything it needs is there.
import { Command } from 'commander'
import { describeError } from './commands/report-error.ts'
import { readVersion, wantsStacks } from './config/installation.ts'

/** How each command is loaded, in the order of the help. Each brings much along that the others do without. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  ask: async () => (await import('./commands/ask.ts')).registerAsk,
  chat: async () => (await import('./commands/chat.ts')).registerChat,
  model: async () => (await import('./commands/model.ts')).registerModel,
  evaluate: async () => (await import('./commands/evaluate.ts')).registerEvaluate,
  moderation: async () => (await import('./commands/moderation.ts')).registerModeration,
  data: async () => (await import('./commands/data.ts')).registerData,
  config: async () => (await import('./commands/config.ts')).registerConfig,
  start: async () => (await import('./commands/start.ts')).registerStart,
  discord: async () => (await import('./commands/discord.ts')).registerDiscord,
  slack: async () => (await import('./commands/slack.ts')).registerSlack,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  status: async () => (await import('./commands/status.ts')).registerStatus,
  backup: async () => (await import('./commands/backup.ts')).registerBackup,
  restore: async () => (await import('./commands/restore.ts')).registerRestore,
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
}

const EXAMPLES = `
Examples:
  $ valley ask holiday.mp4 "What is in the clip?"
  $ valley chat holiday.mp4
  $ valley demo

Settings come from config/valley.yaml ("valley config example" explains each) and from the environment: VALLEY_CONFIG,
VALLEY_ROLE, VALLEY_REDIS_URL, VALLEY_CLUSTER_KEY, VALLEY_MODEL, VALLEY_MODELS_DIR, VALLEY_DATA_DIR, FFMPEG_PATH,
FFPROBE_PATH, VALLEY_THREADS, VALLEY_LOG_LEVEL,
HF_TOKEN, HF_ENDPOINT, VALLEY_GENERATOR_KEY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
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
const asked = process.argv[2] ?? ''
// The help and the suggestions after a slip know all of them.
const loaded = Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]!] : Object.values(COMMANDS)
for (const load of loaded) (await load())(program)

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
