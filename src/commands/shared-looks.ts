// Looking at clips of watched posts where bots have no model: a bot gives each look to whichever engine comes first, which
// looks behind people's questions, and what was found comes back.
import { clipOfBot } from '../cluster/clip-location.ts'
import type { EngineMember } from '../cluster/engine-member.ts'
import { RedisModerationStore } from '../cluster/redis-moderation-store.ts'
import { type Doer, doSharedWork, type SharedWorkPlace, WorkGiver } from '../cluster/shared-work.ts'
import type { Config } from '../config/config.ts'
import type { Engine } from '../engine/engine-api.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Policy } from '../moderation/policy.ts'
import { lookAtRecord, type RecordLook } from '../moderation/watch/look-at-record.ts'
import type { ClipRecord, NewAlert } from '../moderation/watch/store.ts'
import { lookPorts } from './look-ports.ts'
import type { Cluster } from './open-cluster.ts'

/** A look as it lies in Redis. The rules come along, so that an engine needs no file of them. */
interface LookTask {
  readonly record: ClipRecord
  readonly policy: Policy
}

/** What was found, its pictures as text. */
interface WireLook extends Omit<RecordLook, 'alerts'> {
  readonly alerts: readonly (Omit<NewAlert, 'picture'> & { readonly picture: string | null })[]
}

/** Has clips looked at. */
export interface LookGiver {
  /** @throws AppError what is wrong with the clip or the model; REDIS_UNREACHABLE; signal.reason */
  look(record: ClipRecord, policy: Policy, signal: AbortSignal): Promise<RecordLook>
  close(): Promise<void>
}

/** Gives looks to engines. @param botId whose platforms know where the clips are. @throws AppError REDIS_UNREACHABLE */
export async function openLookGiver(cluster: Cluster, botId: string, logger: Logger): Promise<LookGiver> {
  const giver = await WorkGiver.open<LookTask, WireLook>(placeOf(cluster, logger))
  return {
    async look(record, policy, signal) {
      const clip = clipOfBot(record.clip, botId)
      const { outcome, alerts } = await giver.give({ record: { ...record, clip }, policy }, signal)
      return {
        outcome,
        alerts: alerts.map(({ picture, ...alert }) => {
          return { ...alert, picture: picture === null ? null : Buffer.from(picture, 'base64') }
        }),
      }
    },
    close: () => giver.close(),
  }
}

/** What an engine looks with. */
export interface LookerSetup {
  readonly cluster: Cluster
  readonly config: Config
  readonly engine: Engine
  readonly member: EngineMember
  readonly logger: Logger
}

/** Looks at clips that bots give, one at a time, until it is closed; what is under way then goes to another engine. */
export function lookForBots({ cluster, config, engine, member, logger }: LookerSetup): Doer {
  const { locateClip } = member
  const ports = lookPorts({ config, engine, locateClip, whenIdle: (signal) => member.whenIdle(signal) })
  const stop = new AbortController()
  const looker = doSharedWork<LookTask, WireLook>(placeOf(cluster, logger), {
    concurrency: 1,
    work: async ({ record, policy }) => {
      const [platform = ''] = record.post.groupId.split(':')
      const store = new RedisModerationStore(cluster.redis, cluster.keys, platform)
      try {
        const { outcome, alerts } = await lookAtRecord(record, { ...ports, policy, store }, stop.signal)
        return {
          outcome,
          alerts: alerts.map(({ picture, ...alert }) => {
            return { ...alert, picture: picture === null ? null : Buffer.from(picture).toString('base64') }
          }),
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error
        const message =
          'The engine stops in the middle of a look; another one takes it. Start another engine if none is left.'
        throw new AppError('ENGINE_CLOSED', message, { cause: error, retryable: true })
      }
    },
  })
  return {
    close: async () => {
      stop.abort()
      await looker.close()
    },
  }
}

function placeOf({ redis, keys }: Cluster, logger: Logger): SharedWorkPlace {
  return { redis, keys, name: 'looks', logger }
}
