// Posts, edits and deletions in watched channels become reports to the desk of moderation.
import type { Message, PartialMessage } from 'discord.js'
import type { BotContext } from '../bot-context.ts'
import { contentOfMessage, findClips } from '../parse-clips.ts'
import { PLATFORM } from '../places.ts'

/** Takes the clips of a post, new or edited; threads and forums count to the channel that they hang in. */
export async function watchPost(context: BotContext, seen: Message | PartialMessage): Promise<void> {
  const { moderation, client, clipHosts, remembered } = context
  const { guildId, channelId } = seen
  if (moderation === null || guildId === null || seen.author?.id === client.user.id) return
  const parentId = seen.channel.isThread() ? seen.channel.parentId : null
  const parent = parentId === null ? {} : { parentChannelId: `${PLATFORM}:${parentId}` }
  if (!moderation.isWatched([`${PLATFORM}:${channelId}`, parent.parentChannelId])) return
  const message = seen.partial ? await seen.fetch() : seen
  const found = findClips(contentOfMessage(message), clipHosts).filter(({ isStill }) => isStill !== true)
  for (const one of found) remembered.add(one)
  if (found.length === 0) return
  const roles = await rolesOf(message)
  await moderation.take({
    groupId: `${PLATFORM}:${guildId}`,
    channelId: `${PLATFORM}:${channelId}`,
    ...parent,
    messageId: message.id,
    authorId: `${PLATFORM}:${message.author.id}`,
    roleIds: roles.map((role) => `${PLATFORM}:${role}`),
    // What an edit brings is as new as the edit.
    postedAtMs: message.editedTimestamp ?? message.createdTimestamp,
    clips: found.map(({ clip }) => clip),
  })
}

/** Roles come with posts that are delivered, and not with those that are fetched. Webhooks and who has left have none. */
async function rolesOf({ member, guild, author, webhookId }: Message): Promise<string[]> {
  const isAsked = member === null && guild !== null && webhookId === null
  const known = isAsked ? await guild.members.fetch(author.id).catch(() => null) : member
  return [...(known?.roles.cache.keys() ?? [])]
}

/** Says that messages were deleted. */
export async function unwatchPosts(
  { moderation }: BotContext,
  channelId: string,
  messageIds: readonly string[],
): Promise<void> {
  await moderation?.messagesDeleted(`${PLATFORM}:${channelId}`, messageIds)
}
