// Which conversation a post or an interaction belongs to.
import type { Request } from '../../src/conversation/message.ts'

/** First part of every id. */
export const PLATFORM = 'discord'

/** The conversation, the place whose members read along, and the channel above that when it is a thread. */
export type Place = Pick<Request, 'threadId' | 'channelId' | 'parentChannelId'>

/**
 * The one conversation of a thread or a direct channel, shared by all who are in it.
 * @param parentId channel that a thread hangs in
 */
export function sharedPlace(channelId: string, parentId: string | null = null): Place {
  const id = `${PLATFORM}:${channelId}`
  return { threadId: id, channelId: id, ...(parentId === null ? {} : { parentChannelId: `${PLATFORM}:${parentId}` }) }
}

/** One person's conversation in a channel where no thread can be opened: others there have their own. */
export function personalPlace(channelId: string, userId: string): Place {
  return { threadId: `${PLATFORM}:${channelId}:${userId}`, channelId: `${PLATFORM}:${channelId}` }
}

/** What the id of a conversation says. */
export interface NamedPlace {
  /** Snowflake of its thread or channel. */
  readonly channelId: string
  /** Whose it is; absent for one that is shared. */
  readonly userId?: string
}

/** Reads a conversation's id. @returns null for what is none of ours */
export function parseThreadId(threadId: string): NamedPlace | null {
  const match = /^discord:(\d+)(?::(\d+))?$/.exec(threadId)
  if (match === null) return null
  const [, channelId = '', userId] = match
  return { channelId, ...(userId === undefined ? {} : { userId }) }
}
