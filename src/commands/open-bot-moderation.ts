// Moderation of a bot: a desk for each platform over what all bots share in Redis. Every bot takes posts, commands and presses;
// of those on one platform one at a time has clips looked at, tells alerts and writes digests.
import type { PlatformAdapter } from '../../adapters/index.ts'
import { leadInTurn } from '../cluster/leadership.ts'
import { RedisModerationStore } from '../cluster/redis-moderation-store.ts'
import type { Config } from '../config/config.ts'
import type { Logger } from '../logger.ts'
import { type Policy, readPolicyFile } from '../moderation/policy.ts'
import { Desk } from '../moderation/watch/desk.ts'
import type { Cluster } from './open-cluster.ts'
import { moderationSettings } from './open-moderation.ts'
import { type LookGiver, openLookGiver } from './shared-looks.ts'

/** What it is made of. */
export interface BotModerationSetup {
  readonly cluster: Cluster
  readonly botId: string
  readonly config: Config
  readonly adapters: readonly PlatformAdapter[]
  readonly logger: Logger
}

/** The desks of a bot. */
export interface BotModeration {
  /** Works until the signal. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** To be called once it runs no more. */
  close(): Promise<void>
}

/** How soon a bot sees what another one was told. */
const POLL_MS = 1000
/** Clips of so many servers wait for engines at a time, each of which looks at one. */
const SERVERS_AT_ONCE = 16

/**
 * Opens the desks.
 * @returns null when moderation is off, which is so without rules
 * @throws AppError POLICY_INVALID, REDIS_UNREACHABLE, STORAGE_FAILED
 */
export async function openBotModeration(setup: BotModerationSetup): Promise<BotModeration | null> {
  const { cluster, botId, config, adapters, logger } = setup
  const { rulesFile } = config.moderation
  const watched = adapters.filter(({ moderated }) => moderated !== undefined)
  if (rulesFile === null || watched.length === 0) return null
  const policy = await readPolicyFile(rulesFile)
  const giver = await openLookGiver(cluster, botId, logger)
  try {
    const desks = await Promise.all(
      watched.map(async (adapter) => ({ adapter, desk: await openDesk(setup, adapter, policy, giver) })),
    )
    logger.info({ rules: policy.rules.length, version: policy.version }, 'moderation is on')
    return {
      run: async (signal) => {
        const works = desks.map(async ({ adapter, desk }) => {
          const isAble = () => adapter.isConnected?.() ?? true
          const leadership = { ...cluster, work: `moderation:${adapter.platform}`, memberId: botId, isAble, logger }
          await Promise.all([desk.follow(signal), leadInTurn(leadership, (leading) => desk.run(leading), signal)])
        })
        await Promise.all(works)
      },
      close: () => giver.close(),
    }
  } catch (error) {
    await giver.close()
    throw error
  }
}

/** Everything of a platform is kept by itself, so that whoever leads on it needs no other. */
async function openDesk(
  { cluster: { redis, keys }, config, adapters, logger }: BotModerationSetup,
  { platform, moderated }: PlatformAdapter,
  policy: Policy,
  giver: LookGiver,
): Promise<Desk> {
  const settings = moderationSettings(config)
  const watch = settings.watch.filter(({ channelId }) => channelId.startsWith(`${platform}:`))
  return await Desk.open({
    policy,
    store: new RedisModerationStore(redis, keys, platform),
    logger,
    look: (record, signal) => giver.look(record, policy, signal),
    platforms: moderated === undefined ? [] : [moderated],
    others: adapters.flatMap((one) => one.moderated ?? []),
    settings: { ...settings, watch },
    pollMs: POLL_MS,
    serversAtOnce: SERVERS_AT_ONCE,
  })
}
