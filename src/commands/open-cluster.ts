// What bots and engines share, put together from settings: the connection to Redis, the names of keys, the common secret.
import { ClusterKeys } from '../cluster/keys.ts'
import { RedisConnection } from '../cluster/redis-connection.ts'
import { Sealer } from '../cluster/sealed-text.ts'
import type { Config } from '../config/config.ts'
import type { Secret } from '../config/secret.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'

/** What is open of the cluster. */
export interface Cluster {
  /** Where Redis is, with its password. */
  readonly url: string
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  readonly sealer: Sealer
}

/** Connects to Redis. The caller closes the connection. @throws AppError REDIS_UNREACHABLE, STORAGE_FAILED */
export async function openCluster({ redis: { prefix }, secrets }: Config, logger: Logger): Promise<Cluster> {
  const url = reveal(secrets.VALLEY_REDIS_URL, 'VALLEY_REDIS_URL')
  const sealer = new Sealer(reveal(secrets.VALLEY_CLUSTER_KEY, 'VALLEY_CLUSTER_KEY'))
  return { url, redis: await RedisConnection.open({ url, logger }), keys: new ClusterKeys(prefix), sealer }
}

/** Loading the settings for a role has named it already when it is missing. */
function reveal(secret: Secret | null, name: string): string {
  if (secret !== null) return secret.reveal()
  throw new AppError(
    'CONFIG_INVALID',
    `${name} is not set; bots and engines need it. Set it, or start with --role all.`,
  )
}
