// Who stands above whom in a server. Discord lets a person act upon those only whose highest role is below their own; what
// the bot does for somebody must not reach further.
import type { Guild } from 'discord.js'
import type { ActionOutcome } from '../../../src/moderation/platform/platform.ts'

/**
 * Says who stands too low to act upon the author of a post.
 * @param userId who wants it
 * @returns null when both the person and the bot stand high enough
 * @throws DiscordAPIError when one of them is no member
 */
export async function whoStandsTooLow(guild: Guild, userId: string, authorId: string): Promise<ActionOutcome | null> {
  // Asked anew: without the intent for members nobody tells that roles have changed.
  const person = await guild.members.fetch({ user: userId, force: true })
  const author = await guild.members.fetch({ user: authorId, force: true })
  const isAbove = person.roles.highest.comparePositionTo(author.roles.highest) > 0
  if (authorId === guild.ownerId || (userId !== guild.ownerId && !isAbove)) return 'person-may-not'
  return author.moderatable ? null : 'bot-may-not'
}
