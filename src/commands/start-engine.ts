// Valley in the role of an engine: the model, ffmpeg and nothing of any platform. Questions come from bots, by Redis.
import { createHash } from 'node:crypto'
import { EngineMember } from '../cluster/engine-member.ts'
import type { Config } from '../config/config.ts'
import { readVersion } from '../config/installation.ts'
import { DEFAULT_MAX_ANSWERS_AT_ONCE } from '../engine/engine.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Logger } from '../logger.ts'
import { abortable } from './abortable.ts'
import { chooseModel } from './choose-model.ts'
import { openAnswerer, openConfiguredEngine } from './open-answerer.ts'
import { openCluster } from './open-cluster.ts'
import { openConfiguredMonitoring } from './open-monitoring.ts'
import { lookForBots } from './shared-looks.ts'

/** The last messages to bots, then the end of the connection. */
const LAST_WORDS_SECONDS = 5

/** Answers questions until the signal. @throws AppError what keeps it from starting */
export async function startEngine(config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  const packageDirectory = await chooseModel(undefined, config)
  const cluster = await openCluster(config, logger)
  const { redis } = cluster
  const watched = [{ platform: 'redis', isConnected: () => redis.isConnected() }]
  try {
    const monitoring = await openConfiguredMonitoring(config, packageDirectory, watched, logger)
    const member = new EngineMember({ ...cluster, logger })
    const engine = openConfiguredEngine(packageDirectory, config, logger)
    const answerer = openAnswerer(packageDirectory, config, {
      engine,
      locateClip: member.locateClip,
      trustedHosts: config.trustedHosts,
    })
    try {
      await abortable(answerer.ready(), signal)
      const model = await engine
      await member.join(answerer, factsOf(model))
      const looker = lookForBots({ cluster, config, engine: model, member, logger })
      monitoring.state.serving(
        () => ({ running: member.view().runningHere, waiting: 0 }),
        () => model.device.name,
        () => member.view(),
      )
      logger.info({ version: readVersion(), engine: member.engineId, packageDirectory }, 'started as an engine')
      await untilAborted(signal)
      monitoring.state.stopping()
      const finishMs = Math.max(0, config.stopTimeoutSeconds - LAST_WORDS_SECONDS) * 1000
      await Promise.all([looker.close(), member.leave(finishMs)])
    } finally {
      await answerer.close()
      await monitoring.close()
    }
  } finally {
    await redis.close()
  }
}

function factsOf({ manifest }: Engine) {
  return {
    version: readVersion(),
    model: manifest.name,
    modelHash: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
    capacity: DEFAULT_MAX_ANSWERS_AT_ONCE,
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
