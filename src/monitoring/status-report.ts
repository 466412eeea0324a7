// What `valley status` asks a running Valley for, over the monitoring port.
import type { ClusterNumbers, Phase, ProgramState } from './program-state.ts'

/** A running Valley in a few numbers. */
export interface StatusReport {
  readonly version: string
  readonly model: string
  /** What it computes on: `cpu`, `webgpu`; null while it is being loaded. */
  readonly device: string | null
  readonly phase: Phase
  readonly uptimeSeconds: number
  readonly platforms: Readonly<Record<string, boolean>>
  readonly questions: { readonly running: number; readonly waiting: number }
  /** Of a bot or an engine: what it knows of the others; else null. */
  readonly cluster: ClusterNumbers | null
  /** Memory that the process holds. */
  readonly residentBytes: number
}

/** The report of this process. */
export function reportStatus(state: ProgramState): StatusReport {
  const { running, waiting } = state.load()
  return {
    version: state.version,
    model: state.model,
    device: state.device(),
    phase: state.phase(),
    uptimeSeconds: Math.round(process.uptime()),
    platforms: state.platforms(),
    questions: { running, waiting },
    cluster: state.cluster(),
    residentBytes: process.memoryUsage.rss(),
  }
}
