// Valley in the role of a bot: platforms, threads and replies, without a model. Engines answer, by Redis.
import { createAdapters } from '../../adapters/index.ts'
import { newMemberId } from '../cluster/membership.ts'
import { RedisEventClaims } from '../cluster/redis-event-claims.ts'
import { RedisKeyvStore } from '../cluster/redis-keyv-store.ts'
import { RedisQuestionLedger } from '../cluster/redis-question-ledger.ts'
import { RedisSharedQuestions } from '../cluster/redis-shared-questions.ts'
import { RemoteAnswerer } from '../cluster/remote-answerer.ts'
import { RedisSharedOrder } from '../cluster/shared-line.ts'
import type { Config } from '../config/config.ts'
import { readVersion } from '../config/installation.ts'
import { Bot } from '../conversation/bot.ts'
import { accessByPlatform } from '../conversation/clip-access.ts'
import { heardInPart } from '../conversation/heard-places.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import type { Logger } from '../logger.ts'
import { DurableThreadStore } from '../storage/durable-thread-store.ts'
import type { Storage } from '../storage/storage.ts'
import { channelSettings } from './channel-settings.ts'
import type { BotModeration, BotModerationSetup } from './open-bot-moderation.ts'
import { type Cluster, openCluster } from './open-cluster.ts'
import { openConfiguredMonitoring } from './open-monitoring.ts'
import { openConfiguredStorage } from './open-storage.ts'
import { serve } from './serve.ts'

const HOUR_MS = 60 * 60 * 1000
const SECOND_MS = 1000
/** What stands for the model in the numbers of a bot, which has none. */
const NO_MODEL = 'engines'

/** Talks to people until the signal. @throws AppError what keeps it from starting */
export async function startBot(config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  const cluster = await openCluster(config, logger)
  try {
    // What belongs to this bot alone stays beside it; what bots share is in Redis.
    const local = await openConfiguredStorage(config, logger)
    try {
      await talk(cluster, local, config, logger, signal)
    } finally {
      await local.close()
    }
  } finally {
    await cluster.redis.close()
  }
  logger.info('stopped')
}

async function talk(
  cluster: Cluster,
  local: Storage,
  config: Config,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { redis, keys, url } = cluster
  const { limits, stopTimeoutSeconds } = config
  const botId = newMemberId('bot')
  const idleMs = limits.threadIdleHours * HOUR_MS
  const store = new RedisKeyvStore({ url, prefix: keys.prefix, idleMs })
  // Only the bot of a shard can read what was posted there, and shards may share a folder.
  const part = config.discordShard === null ? '' : `/${config.discordShard}`
  const ledger = new RedisQuestionLedger(redis, keys, botId, logger, { part })
  const heard = heardInPart(local.heard, part)
  const storage = { ...local, heard, events: new RedisEventClaims(redis, keys), ledger }
  const sharedQuestions = new RedisSharedQuestions(redis, keys, botId, logger)
  const adapters = await createAdapters({ config, logger, storage, sharedQuestions })
  const answerer = await RemoteAnswerer.join({
    ...cluster,
    botId,
    locateClip: locateByPlatform(adapters),
    onStop: (name) => sharedQuestions.stop(name),
    logger,
    maxWaiting: limits.maxQueueLength,
    maxOpenPerUser: limits.maxQueuePerUser,
  })
  const watched = [
    ...adapters,
    { platform: 'redis', isConnected: () => redis.isConnected() },
    { platform: 'engines', isConnected: () => answerer.view().engines > 0 },
  ]
  try {
    const monitoring = await openConfiguredMonitoring(config, NO_MODEL, watched, logger)
    const stopping = () => monitoring.state.stopping()
    signal.addEventListener('abort', stopping, { once: true })
    const conversation = new Bot({
      answerer,
      store: new DurableThreadStore({ store, idleMs, logger }),
      logger,
      settings: channelSettings(config),
      observer: monitoring.metrics,
      maySeeClip: accessByPlatform(adapters),
      sharedOrder: new RedisSharedOrder(redis, keys, botId, logger),
      // Engines say how many run at once; how many may wait is looked at where they wait.
      queue: { concurrency: Number.POSITIVE_INFINITY },
    })
    monitoring.state.serving(
      () => answerer.load(),
      () => null,
      () => ({ ...answerer.view(), takenOver: 0 }),
    )
    const platforms = adapters.map(({ platform }) => platform)
    try {
      const moderation = await openModeration({ cluster, botId, config, adapters, logger })
      logger.info({ version: readVersion(), platforms, bot: botId }, 'started as a bot')
      const stopTimeoutMs = stopTimeoutSeconds * SECOND_MS
      try {
        await serve({ adapters, conversation, logger, signal, stopTimeoutMs, moderation })
      } finally {
        await moderation?.close()
      }
    } finally {
      await monitoring.close()
    }
  } finally {
    // While it still counts as living, so that nobody takes for lost what it gives back.
    await ledger.close().catch((error: unknown) => logger.warn({ err: error }, 'open questions were not given back'))
    await answerer.close()
    await store.disconnect()
  }
}

/** Video tools and pictures are loaded only where something is watched. */
async function openModeration(setup: BotModerationSetup): Promise<BotModeration | null> {
  if (setup.config.moderation.rulesFile === null) return null
  const { openBotModeration } = await import('./open-bot-moderation.ts')
  return await openBotModeration(setup)
}
