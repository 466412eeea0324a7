import type { Json } from '../json.ts'

/** One streamed message as it grew, one entry for each call of the app. */
export interface Stream {
  readonly channelId: string
  readonly ts: string
  readonly threadTs: string | null
  readonly recipientUserId: string | null
  readonly recipientTeamId: string | null
  /** Text that each call added; empty when it added only tasks or blocks. */
  readonly appended: string[]
  /** Every chunk that is not text: tasks and plans. */
  readonly chunks: Json[]
  state: 'in_progress' | 'completed' | 'stopped_by_user' | 'expired'
}
