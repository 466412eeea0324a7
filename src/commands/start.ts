// Starts Valley as the settings say, in its role. With everything in one process: storage, model, platforms, in this order,
// and ends them the other way round.
import type { Command } from 'commander'
import { createAdapters, type PlatformAdapter } from '../../adapters/index.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { SECRET_NAMES } from '../config/environment.ts'
import { readVersion } from '../config/installation.ts'
import { PLATFORM_NAMES } from '../config/platform-secrets.ts'
import type { Role } from '../config/roles.ts'
import { forgetSecrets } from '../config/secret-files.ts'
import { Bot } from '../conversation/bot.ts'
import { accessByPlatform } from '../conversation/clip-access.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import { DEFAULT_MAX_ANSWERS_AT_ONCE } from '../engine/engine.ts'
import { AppError } from '../errors.ts'
import { createLogger, type Logger } from '../logger.ts'
import type { Storage } from '../storage/storage.ts'
import { abortable } from './abortable.ts'
import { channelSettings } from './channel-settings.ts'
import { chooseModel } from './choose-model.ts'
import { Interruption } from './interruption.ts'
import { offerConversation } from './offer-conversation.ts'
import { openAnswerer, openConfiguredEngine } from './open-answerer.ts'
import { openModeration } from './open-moderation.ts'
import { type Monitoring, openConfiguredMonitoring } from './open-monitoring.ts'
import { openConfiguredStorage } from './open-storage.ts'
import { checkRole } from './role-option.ts'
import { secretValues } from './secret-values.ts'
import { serve } from './serve.ts'

const SECOND_MS = 1000

const EXAMPLES = `
Examples:
  $ valley start
  $ valley start --role bot
  $ valley start --role engine

Bots and engines meet in Redis: VALLEY_REDIS_URL says where it is, VALLEY_CLUSTER_KEY is a secret that all of them share.
`

type Run = (config: Config, logger: Logger, signal: AbortSignal) => Promise<void>

/** How each role is loaded; whoever does everything in one process needs nothing of Redis. */
const ROLES: Readonly<Record<Role, () => Promise<Run>>> = {
  all: async () => run,
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

/** Everything in this process. */
async function run(config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  forgetSecrets(SECRET_NAMES)
  const packageDirectory = await chooseModel(undefined, config)
  const storage = await openConfiguredStorage(config, logger)
  try {
    const adapters = await createAdapters({ config, logger, storage })
    const monitoring = await openConfiguredMonitoring(config, packageDirectory, adapters, logger)
    const stopping = () => monitoring.state.stopping()
    signal.addEventListener('abort', stopping, { once: true })
    try {
      await converse({ config, logger, signal, packageDirectory, storage, adapters, monitoring })
    } finally {
      await monitoring.close()
    }
  } finally {
    await storage.close()
  }
  logger.info('stopped')
}

/** What conversations need that is open by now. */
interface Opened {
  readonly config: Config
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly packageDirectory: string
  readonly storage: Storage
  readonly adapters: readonly PlatformAdapter[]
  readonly monitoring: Monitoring
}

/** Loads the model and talks until the signal. */
async function converse(opened: Opened): Promise<void> {
  const { config, logger, signal, packageDirectory, storage, adapters, monitoring } = opened
  const { limits, dataDirectory, stopTimeoutSeconds } = config
  const engine = openConfiguredEngine(packageDirectory, config, logger)
  const answerer = openAnswerer(packageDirectory, config, {
    engine,
    locateClip: locateByPlatform(adapters),
    trustedHosts: config.trustedHosts,
  })
  try {
    // Nobody is answered before the model is there, so nobody is told to wait for it.
    await abortable(answerer.ready(), signal)
    const conversation = new Bot({
      answerer,
      store: storage.threads,
      logger,
      settings: channelSettings(config),
      observer: monitoring.metrics,
      maySeeClip: accessByPlatform(adapters),
      queue: {
        concurrency: DEFAULT_MAX_ANSWERS_AT_ONCE,
        maxWaiting: limits.maxQueueLength,
        maxWaitingPerUser: limits.maxQueuePerUser,
      },
    })
    const model = await engine
    monitoring.state.serving(
      () => conversation.load(),
      () => model.device.name,
    )
    const whenIdle = (stop?: AbortSignal) => conversation.whenIdle(stop)
    const store = storage.moderation
    const moderation = await openModeration({ config, adapters, store, engine: model, whenIdle, logger })
    const platforms = adapters.map(({ platform }) => platform)
    logger.info({ version: readVersion(), platforms, packageDirectory, dataDirectory }, 'started')
    const stop = new AbortController()
    const moderating = moderation?.run(AbortSignal.any([signal, stop.signal]))
    try {
      await serve({ adapters, conversation, logger, signal, stopTimeoutMs: stopTimeoutSeconds * SECOND_MS })
    } finally {
      stop.abort()
      await moderating
    }
  } finally {
    await answerer.close()
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
