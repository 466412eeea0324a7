// What `valley doctor` looks at for bots and engines: Redis, how it is set, and which engines are there.
import { ClusterKeys } from '../cluster/keys.ts'
import { listEngines } from '../cluster/membership.ts'
import { RedisConnection } from '../cluster/redis-connection.ts'
import type { Config } from '../config/config.ts'
import { problemText } from '../config/problem.ts'
import { findRoleProblems } from '../config/roles.ts'
import { AppError } from '../errors.ts'
import { createLogger } from '../logger.ts'
import type { Finding } from './doctor-checks.ts'

/** Nothing where neither the role nor the environment speaks of Redis. */
export async function checkRedis(config: Config): Promise<Finding[]> {
  const { role, secrets } = config
  const about = { matter: 'Redis', needed: false }
  const [missing] = findRoleProblems(role, config, secrets, 'settings')
  if (missing !== undefined) {
    return [{ ...about, state: 'problem', seen: `the role is ${role}`, remedy: `${problemText(missing)}.` }]
  }
  const url = secrets.VALLEY_REDIS_URL?.reveal()
  if (url === undefined) return []
  try {
    const redis = await RedisConnection.open({ url, logger: createLogger('silent') })
    try {
      const { living } = await listEngines(redis, new ClusterKeys(config.redis.prefix))
      const models = [...new Set(living.map(({ model }) => model))].join(', ')
      const count = living.length === 1 ? '1 engine' : `${living.length} engines`
      const engines = living.length === 0 ? 'no engine is there' : `${count} with ${models}`
      return [{ ...about, state: 'ok', seen: `answers at ${redis.place}; ${engines}` }]
    } finally {
      await redis.close()
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const end = error.message.indexOf('. ') + 1
    return [
      {
        ...about,
        state: 'problem',
        seen: `${error.code}: ${error.message.slice(0, end)}`,
        remedy: error.message.slice(end).trim(),
      },
    ]
  }
}
