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

/** Name of the platform that the parent of a bot plays; ids begin with it. */
export const PLATFORM = 'stage'

/** A bot. */
export interface BotProcessSettings {
  readonly redisUrl: string
  readonly lifetimeMs: number
}

/** A question as it comes from the platform. */
export interface PlatformQuestion {
  readonly id: string
  readonly threadId: string
  readonly userId: string
  readonly text: string
}

/** What a bot says to the platform. */
export type BotMessage =
  | { readonly type: 'accepted'; readonly id: string }
  | {
      readonly type: 'posted'
      readonly id: string
      readonly kind: string
      readonly text: string
      readonly isReused: boolean
    }
