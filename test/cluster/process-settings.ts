// What the processes of a test cluster are started with.
import type { EngineMemberOptions } from '../../src/cluster/engine-member.ts'
import type { ScriptedTimes } from './scripted-answerer.ts'

/** Known to bots and engines of a test alike. */
export const CLUSTER_SECRET = 'a secret of tests that nobody else has to know'

/** How soon a loss is noticed; shorter than in earnest, so that tests need not wait. */
export type NoticeTimes = Pick<EngineMemberOptions, 'lifetimeMs' | 'jobTimes'>

/** An engine. */
export interface EngineProcessSettings {
  readonly redisUrl: string
  /** Questions that it answers at a time. */
  readonly capacity: number
  readonly script: ScriptedTimes
  readonly times: NoticeTimes
  readonly model?: string
  readonly logLevel?: 'debug' | 'warn'
}
