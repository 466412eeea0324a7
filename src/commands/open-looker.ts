// Puts together what looks at clips by rules: video tools and the engine.
import type { Config } from '../config/config.ts'
import { type Look, lookByRules } from '../moderation/look-by-rules.ts'
import type { Policy } from '../moderation/policy.ts'
import { openClip } from '../video/open-clip.ts'
import { lookLimits } from './look-limits.ts'
import { openConfiguredEngine } from './open-answerer.ts'
import { videoToolsOf } from './video-tools.ts'

/** Looks at clips of this machine. */
export interface Looker {
  /** Name of the model package. */
  readonly model: string
  /** @throws AppError what is wrong with the clip or the model; signal.reason */
  look(path: string, onWindow?: (done: number, total: number) => void): Promise<Look>
  close(): Promise<void>
}

/**
 * Opens a model package for a policy; the caller closes it.
 * @throws AppError what is wrong with the package
 */
export async function openLooker(
  packageDirectory: string,
  policy: Policy,
  config: Config,
  signal: AbortSignal,
): Promise<Looker> {
  const engine = await openConfiguredEngine(packageDirectory, config)
  const limits = lookLimits(config)
  return {
    model: engine.manifest.name,
    async look(path, onWindow) {
      await using opened = await openClip(path, { tools: videoToolsOf(config), limits, signal })
      return await lookByRules({ opened, policy, engine, signal, ...(onWindow === undefined ? {} : { onWindow }) })
    },
    close: () => engine.close(),
  }
}
