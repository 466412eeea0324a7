// Starts Valley as the settings say: storage, model, platforms, in this order, and ends them the other way round.
import { createAdapters, type PlatformAdapter } from '../../adapters/index.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { readVersion } from '../config/installation.ts'
import { PLATFORM_NAMES } from '../config/platform-secrets.ts'
import { Bot } from '../conversation/bot.ts'
import { accessByPlatform } from '../conversation/clip-access.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import { DEFAULT_MAX_ANSWERS_AT_ONCE } from '../engine/engine.ts'
import { createLogger, type Logger } from '../logger.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import { channelSettings } from './channel-settings.ts'
import { chooseModel } from './choose-model.ts'
import { Interruption } from './interruption.ts'
import { offerConversation } from './offer-conversation.ts'
import { openAnswerer, openConfiguredEngine } from './open-answerer.ts'
import { openModeration } from './open-moderation.ts'
import { type Monitoring, openConfiguredMonitoring } from './open-monitoring.ts'
import { secretValues } from './secret-values.ts'
import { serve } from './serve.ts'

const HOUR_MS = 60 * 60 * 1000
const SECOND_MS = 1000

/**
 * Runs until SIGINT or SIGTERM, which end it in order; a second one ends it at once.
 * @throws AppError what keeps it from starting, or what the last platform failed with
 */
export async function start(): Promise<void> {
  const config = loadConfig({ withPlatforms: true })
  if (PLATFORM_NAMES.every((name) => !config[name].enabled)) {
    await offerConversation()
    return
  }
  const logger = createLogger(config.logLevel ?? 'info', undefined, secretValues(config))
  const interruption = new Interruption()
  logStrayFailures(logger)
  try {
    await run(config, logger, interruption.signal)
  } catch (error) {
    // Being stopped while starting is no failure.
    if (!interruption.signal.aborted || error !== interruption.signal.reason) throw error
  } finally {
    interruption.dispose()
  }
}

async function run(config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  const { limits, dataDirectory } = config
  const packageDirectory = await chooseModel(undefined, config)
  const storage = await openStorage({
    dataDirectory,
    threadIdleMs: limits.threadIdleHours * HOUR_MS,
    maxThreads: limits.maxThreads,
    maxBytes: limits.maxDatabaseBytes,
    logger,
  })
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
  const engine = openConfiguredEngine(packageDirectory, config)
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
    monitoring.state.serving(() => conversation.load())
    const whenIdle = (stop?: AbortSignal) => conversation.whenIdle(stop)
    const store = storage.moderation
    const moderation = await openModeration({ config, adapters, store, engine: await engine, whenIdle, logger })
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

/** The promise, or a rejection with signal.reason if that comes first. */
async function abortable(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
  ])
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
