// Which conversation a post or an interaction belongs to.
import type { Request } from '../../src/conversation/message.ts'

/** First part of every id. */
export const PLATFORM = 'discord'

/** The conversation and the place whose members read along. */
export type Place = Pick<Request, 'threadId' | 'channelId'>

/** The one conversation of a thread or a direct channel, shared by all who are in it. */
export function sharedPlace(channelId: string): Place {
  const id = `${PLATFORM}:${channelId}`
  return { threadId: id, channelId: id }
}

/** One person's conversation in a channel where no thread can be opened: others there have their own. */
export function personalPlace(channelId: string, userId: string): Place {
  return { threadId: `${PLATFORM}:${channelId}:${userId}`, channelId: `${PLATFORM}:${channelId}` }
}

/** Reads a conversation's id. @returns null for what is none of ours */
export function placeOfThreadId(threadId: string): (Place & { discordChannelId: string; userId?: string }) | null {
  const match = /^discord:(\d+)(?::(\d+))?$/.exec(threadId)
  if (match === null) return null
  const [, discordChannelId = '', userId] = match
  if (userId === undefined) return { ...sharedPlace(discordChannelId), discordChannelId }
  return { ...personalPlace(discordChannelId, userId), discordChannelId, userId }
}
