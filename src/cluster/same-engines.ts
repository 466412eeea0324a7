// All engines that share a Redis must give the same answers: a question goes to any of them, and to another one when the
// first is lost in its middle.
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { EngineRecord } from './membership.ts'

/** @throws AppError ENGINES_DIFFER when an engine would answer otherwise than those that are there */
export function refuseOtherEngines(own: EngineRecord, living: readonly EngineRecord[], logger: Logger): void {
  for (const other of living) {
    const difference = differenceOf(own, other)
    if (difference !== null) {
      throw new AppError(
        'ENGINES_DIFFER',
        `The engine ${other.engineId} has ${difference}; engines that share a Redis must be alike. Run one version and one model everywhere, or give this engine another redis.prefix.`,
        { details: { engine: other.engineId, difference } },
      )
    }
    if (own.version !== other.version) {
      logger.warn({ engine: other.engineId, its: other.version, own: own.version }, 'engines run different versions')
    }
  }
}

function differenceOf(own: EngineRecord, other: EngineRecord): string | null {
  if (own.wire !== other.wire) return `version ${other.wire} of the messages, this one has ${own.wire}`
  if (own.model !== other.model) return `the model ${other.model}, this one has ${own.model}`
  if (own.modelHash !== other.modelHash) return `another package of the model ${own.model}`
  return null
}
