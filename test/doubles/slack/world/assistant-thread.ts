import type { Json } from '../json.ts'

/** What the app has shown in a thread's assistant pane. */
export interface AssistantThread {
  readonly channelId: string
  readonly threadTs: string
  /** Each status in order; an empty one clears it. */
  readonly statuses: string[]
  readonly titles: string[]
  /** Title and message of the newest suggested prompts. */
  prompts: Json[]
}
