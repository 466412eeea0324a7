// Puts the desk of moderation together from settings: rules, store, model, downloads and the platforms that can be watched.
import type { PlatformAdapter } from '../../adapters/index.ts'
import type { Config } from '../config/config.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Logger } from '../logger.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import type { WhenIdle } from '../moderation/watch/behind-people.ts'
import { Desk } from '../moderation/watch/desk.ts'
import { lookAtRecord } from '../moderation/watch/look-at-record.ts'
import type { ModerationSettings } from '../moderation/watch/settings.ts'
import type { LookLedger, ModerationStore } from '../moderation/watch/store.ts'
import { lookPorts } from './look-ports.ts'

/** What it is made of. */
export interface ModerationSetup {
  readonly config: Config
  readonly adapters: readonly PlatformAdapter[]
  readonly store: ModerationStore & LookLedger
  readonly engine: Engine
  /** Resolves while nobody's question runs or waits. */
  readonly whenIdle: WhenIdle
  readonly logger: Logger
}

/**
 * Opens the desk.
 * @returns null when moderation is off, which is so without rules
 * @throws AppError POLICY_INVALID, STORAGE_FAILED
 */
export async function openModeration(setup: ModerationSetup): Promise<Desk | null> {
  const { config, adapters, store, engine, whenIdle, logger } = setup
  const { rulesFile } = config.moderation
  if (rulesFile === null) return null
  const policy = await readPolicyFile(rulesFile)
  const locateClip = locateByPlatform(adapters)
  const ports = { policy, store, ...lookPorts({ config, engine, whenIdle, locateClip }) }
  const desk = await Desk.open({
    policy,
    store,
    logger,
    look: (record, signal, begins) => lookAtRecord(record, ports, signal, begins),
    ledger: store,
    platforms: adapters.flatMap(({ moderated }) => moderated ?? []),
    settings: moderationSettings(config),
  })
  logger.info({ rules: policy.rules.length, version: policy.version }, 'moderation is on')
  return desk
}

/** What the operator chose about moderation. */
export function moderationSettings({ moderation, locale }: Config): ModerationSettings {
  const { rulesFile: _, ...settings } = moderation
  return { ...settings, ...(locale === 'auto' ? {} : { locale }) }
}
