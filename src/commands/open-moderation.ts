// Puts the desk of moderation together from settings: rules, store, model, downloads and the platforms that can be watched.
import type { PlatformAdapter } from '../../adapters/index.ts'
import type { Config } from '../config/config.ts'
import { locateByPlatform } from '../conversation/locate-clip.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Logger } from '../logger.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import { behindPeople, type WhenIdle } from '../moderation/watch/behind-people.ts'
import { Desk } from '../moderation/watch/desk.ts'
import type { ModerationStore } from '../moderation/watch/store.ts'
import { downloadClip } from '../video/download-clip.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../video/download-limits.ts'
import { DEFAULT_VIDEO_LIMITS } from '../video/limits.ts'
import { openClip } from '../video/open-clip.ts'
import { videoToolsOf } from './video-tools.ts'

/** What it is made of. */
export interface ModerationSetup {
  readonly config: Config
  readonly adapters: readonly PlatformAdapter[]
  readonly store: ModerationStore
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
  const { rulesFile, ...settings } = config.moderation
  if (rulesFile === null) return null
  const policy = await readPolicyFile(rulesFile)
  const locateClip = locateByPlatform(adapters)
  const { maxClipBytes, maxDurationSeconds } = config.limits
  const { trustedHosts } = config
  const limits = { ...DEFAULT_VIDEO_LIMITS, maxClipBytes, maxDurationSeconds }
  const desk = await Desk.open({
    policy,
    store,
    logger,
    engine: behindPeople(engine, whenIdle),
    platforms: adapters.flatMap(({ moderated }) => (moderated === undefined ? [] : [moderated])),
    settings: { ...settings, ...(config.locale === 'auto' ? {} : { locale: config.locale }) },
    fetchClip: async (clip, signal) => {
      const location = await locateClip(clip, signal)
      if (location.kind === 'file') return { path: location.path, remove: async () => {} }
      const { url, headers = {}, allowedHosts } = location
      const source = { url, headers, allowedHosts, statedBytes: clip.bytes }
      return downloadClip(source, { signal, trustedHosts, limits: { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes } })
    },
    openClip: (path, signal) => openClip(path, { tools: videoToolsOf(config), signal, limits }),
  })
  logger.info({ rules: policy.rules.length, version: policy.version }, 'moderation is on')
  return desk
}
