// Starts Valley as the settings say, in its role.
import type { Command } from 'commander'
import { type Config, loadConfig } from '../config/config.ts'
import { PLATFORM_NAMES } from '../config/platform-secrets.ts'
import type { Role } from '../config/roles.ts'
import { AppError } from '../errors.ts'
import { createLogger, type Logger } from '../logger.ts'
import { Interruption } from './interruption.ts'
import { offerConversation } from './offer-conversation.ts'
import { checkRole } from './role-option.ts'
import { secretValues } from './secret-values.ts'

const EXAMPLES = `
Examples:
  $ valley start
  $ valley start --role bot
  $ valley start --role engine

Bots and engines meet in Redis: VALLEY_REDIS_URL says where it is, VALLEY_CLUSTER_KEY is a secret that all of them share.
`

type Run = (config: Config, logger: Logger, signal: AbortSignal) => Promise<void>

/** How each role is loaded: none needs what only the others work with. */
const ROLES: Readonly<Record<Role, () => Promise<Run>>> = {
  all: async () => (await import('./start-all.ts')).startAll,
  bot: async () => (await import('./start-bot.ts')).startBot,
  engine: async () => (await import('./start-engine.ts')).startEngine,
}

/** Adds the command, which does what "npm start" does. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .summary('connect to Discord and Slack, as the settings say')
    .description('Connect to Discord and Slack, as the settings say, until Ctrl-C or SIGTERM.')
    .option('--role <role>', 'all (the default), or only part of it: bot (platforms), engine (model)')
    .addHelpText('after', EXAMPLES)
    .action((options: { readonly role?: string }) =>
      start(options.role === undefined ? undefined : checkRole(options.role)),
    )
}

/**
 * Runs until SIGINT or SIGTERM, which end it in order; a second one ends it at once.
 * @param asked the role; default what the settings say
 * @throws AppError what keeps it from starting, or what the last platform failed with
 */
export async function start(asked?: Role): Promise<void> {
  const config = loadConfig({ withPlatforms: true, ...(asked === undefined ? {} : { role: asked }) })
  const { role } = config
  if (role !== 'engine' && PLATFORM_NAMES.every((name) => !config[name].enabled)) {
    if (role === 'bot') throw noPlatform()
    await offerConversation()
    return
  }
  const logger = createLogger(config.logLevel ?? 'info', undefined, secretValues(config))
  const interruption = new Interruption()
  logStrayFailures(logger)
  try {
    const runRole = await ROLES[role]()
    await runRole(config, logger, interruption.signal)
  } catch (error) {
    // Being stopped while starting is no failure.
    if (!interruption.signal.aborted || error !== interruption.signal.reason) throw error
  } finally {
    interruption.dispose()
  }
}

function noPlatform(): AppError {
  return new AppError(
    'CONFIG_INVALID',
    'This bot has no platform; it needs one. Put the token of one into its environment (DISCORD_TOKEN, or the SLACK_ variables), or start with --role engine.',
  )
}

/**
 * What a platform's library lets fall, e.g. a connection that breaks while it is being closed, must neither end the others
 * nor print past the log, which takes secrets out.
 */
function logStrayFailures(logger: Logger): void {
  process.on('unhandledRejection', (error) => {
    logger.error({ err: error }, 'a failure that nobody waited for')
  })
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'unexpected failure; ending')
    process.exit(1)
  })
}
