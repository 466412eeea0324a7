// The verdicts of moderators, wherever they are kept: in the database of this machine, or in Redis where bots share them.
import { RedisModerationStore } from '../cluster/redis-moderation-store.ts'
import type { Config } from '../config/config.ts'
import { PLATFORM_NAMES } from '../config/platform-secrets.ts'
import { createLogger } from '../logger.ts'
import type { ModerationLabel } from '../moderation/watch/store.ts'
import { readLabels } from '../storage/storage.ts'
import { openCluster } from './open-cluster.ts'

/** Reads all of them. @throws AppError STORAGE_FAILED, REDIS_UNREACHABLE, CONFIG_INVALID */
export async function readVerdicts(config: Config): Promise<ModerationLabel[]> {
  if (config.role === 'all') return await readLabels(config.dataDirectory)
  const { redis, keys } = await openCluster(config, createLogger('silent'))
  try {
    const stores = PLATFORM_NAMES.map((platform) => new RedisModerationStore(redis, keys, platform))
    return (await Promise.all(stores.map((store) => store.labels()))).flat()
  } finally {
    await redis.close()
  }
}
