import type { Json } from '../json.ts'
import type { StoredFile } from './stored-file.ts'

/** Where a streamed message stands; null for one that was never streamed. */
export type StreamingState = 'in_progress' | 'completed' | 'errored' | null

/** One post. The double keeps the newest version; earlier ones are in `versions`. */
export interface Message {
  readonly ts: string
  readonly channelId: string
  readonly teamId: string
  /** User id of the author; the bot's own when the app posted. */
  readonly authorId: string
  /** Set when an app posted. */
  readonly botId: string | null
  /** Timestamp of the thread's first message; null outside a thread and for that first message itself. */
  readonly threadTs: string | null
  readonly files: StoredFile[]
  /** Emoji name to the ids of the users who reacted. */
  readonly reactions: Map<string, Set<string>>
  /** Every text that the message has had, oldest first, the present one last. */
  readonly versions: string[]
  /** Whole milliseconds of the real clock at each version, for looking at the pace of edits. */
  readonly versionTimesMs: number[]
  text: string
  blocks: Json[] | null
  attachments: Json[] | null
  metadata: Json | null
  editedTs: string | null
  streamingState: StreamingState
  isDeleted: boolean
}

/** What is needed to post; everything else has a default. */
export interface MessageDraft {
  readonly text: string
  readonly blocks?: Json[] | null
  readonly attachments?: Json[] | null
  readonly metadata?: Json | null
  readonly threadTs?: string | null
  readonly files?: readonly StoredFile[]
  readonly streamingState?: StreamingState
}

/** Gives a message a new text, keeping the one before among its versions. */
export function setText(message: Message, text: string): void {
  message.text = text
  message.versions.push(text)
  message.versionTimesMs.push(Date.now())
}
