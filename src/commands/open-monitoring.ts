// Puts the monitoring port together from settings; nothing is opened unless a port is set.
import { basename } from 'node:path'
import type { Config } from '../config/config.ts'
import { readVersion } from '../config/installation.ts'
import type { Logger } from '../logger.ts'
import { Metrics } from '../monitoring/metrics.ts'
import { openMonitoring } from '../monitoring/monitoring-server.ts'
import { ProgramState, type WatchedPlatform } from '../monitoring/program-state.ts'

/** The program as it is seen from outside. */
export interface Monitoring {
  readonly state: ProgramState
  readonly metrics: Metrics
  close(): Promise<void>
}

/** Opens the port where one is set; without one it counts for nobody. @throws AppError CONFIG_INVALID for a port in use */
export async function openConfiguredMonitoring(
  { monitoring: { host, port } }: Config,
  packageDirectory: string,
  platforms: readonly WatchedPlatform[],
  logger: Logger,
): Promise<Monitoring> {
  const state = new ProgramState({ version: readVersion(), model: basename(packageDirectory), platforms })
  const metrics = new Metrics(state)
  if (port === null) return { state, metrics, close: async () => {} }
  const server = await openMonitoring({ host, port, state, metrics })
  logger.info({ host, port: server.port }, 'monitoring port opened')
  return { state, metrics, close: () => server.close() }
}
