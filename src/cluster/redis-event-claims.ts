// Which events were taken already, by any bot: platforms deliver some of them again, maybe to another process.
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'

/** As long as the platforms deliver again: Slack's last retry comes 6 minutes after the event. */
const LIFETIME_MS = 60 * 60 * 1000

/** Takes all keys, or none when one of them is taken. */
const CLAIM = `
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then return 0 end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, '1', 'PX', ARGV[1]) end
return 1`

/** Remembers the ids of events. */
export class RedisEventClaims {
  readonly #redis: RedisConnection
  readonly #keys: ClusterKeys

  constructor(redis: RedisConnection, keys: ClusterKeys) {
    this.#redis = redis
    this.#keys = keys
  }

  /**
   * Takes an event, once among all bots.
   * @param names everything that the event may be known by, each beginning with its platform
   * @returns false when any of them was taken before; then none is newly taken
   */
  async claim(...names: readonly string[]): Promise<boolean> {
    const keys = names.map((name) => this.#keys.event(name))
    return (
      (await this.#redis.run('take an event', (client) => client.eval(CLAIM, keys.length, ...keys, LIFETIME_MS))) === 1
    )
  }

  /** Gives an event back that was taken but could not be handed on. */
  async release(...names: readonly string[]): Promise<void> {
    await this.#redis.run('give an event back', (client) => client.del(names.map((name) => this.#keys.event(name))))
  }
}
