// Valley with everything in one process: storage, model, platforms, in this order, and ends them the other way round.
import { createAdapters, type PlatformAdapter } from '../../adapters/index.ts'
import type { Config } from '../config/config.ts'
import { SECRET_NAMES } from '../config/environment.ts'
import { readVersion } from '../config/installation.ts'
import { forgetSecrets } from '../config/secret-files.ts'
import { Bot } from '../conversation/bot.ts'
import { accessByPlatform } from '../conversation/clip-access.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import { DEFAULT_MAX_ANSWERS_AT_ONCE } from '../engine/engine.ts'
import type { Logger } from '../logger.ts'
import type { Storage } from '../storage/storage.ts'
import { abortable } from './abortable.ts'
import { channelSettings } from './channel-settings.ts'
import { chooseModel } from './choose-model.ts'
import { openAnswerer, openConfiguredEngine } from './open-answerer.ts'
import { openModeration } from './open-moderation.ts'
import { type Monitoring, openConfiguredMonitoring } from './open-monitoring.ts'
import { openConfiguredStorage } from './open-storage.ts'
import { serve } from './serve.ts'

const SECOND_MS = 1000

/** Talks to people until the signal. @throws AppError what keeps it from starting */
export async function startAll(config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
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
    await serve({ adapters, conversation, logger, signal, stopTimeoutMs: stopTimeoutSeconds * SECOND_MS, moderation })
  } finally {
    await answerer.close()
  }
}
