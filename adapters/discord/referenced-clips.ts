// Clips of other posts that a post points at: the one it replies to, and those it links to.
import { type Client, type Message, MessageReferenceType } from 'discord.js'
import type { LinkedMessage } from './message-links.ts'
import { contentOfMessage, type FoundClip, findClips } from './parse-clips.ts'
import { mayRead } from './permissions.ts'

/**
 * Finds the clips of the post that this one replies to. An answer of the bot stands for the post that it answered.
 * @returns none when it replies to nothing, or to what cannot be read
 */
export async function clipsOfRepliedPost(message: Message, clipHosts: readonly string[]): Promise<FoundClip[]> {
  const replied = await repliedPost(message)
  if (replied === null) return []
  const clips = clipsOf(replied, clipHosts)
  if (clips.length > 0 || replied.author.id !== message.client.user?.id) return clips
  const question = await repliedPost(replied)
  return question === null ? [] : clipsOf(question, clipHosts)
}

/**
 * Finds the clips of the post that a link leads to.
 * @param userId who asks; must be able to read that channel
 * @returns null when there is no such post, or the person or the bot may not see it: one is not told from the other
 */
export async function clipsOfLinkedPost(
  client: Client,
  { channelId, messageId }: LinkedMessage,
  userId: string,
  clipHosts: readonly string[],
): Promise<FoundClip[] | null> {
  if (!(await mayRead(client, userId, channelId))) return null
  const post = await fetchPost(client, channelId, messageId)
  return post === null ? null : clipsOf(post, clipHosts)
}

function clipsOf(post: Message, clipHosts: readonly string[]): FoundClip[] {
  // The bot's own storyboards are no clips.
  return post.author.id === post.client.user?.id ? [] : findClips(contentOfMessage(post), clipHosts)
}

async function repliedPost({ reference, channelId, client, author }: Message): Promise<Message | null> {
  if (reference === null || reference.type !== MessageReferenceType.Default || reference.messageId === undefined)
    return null
  if (reference.channelId !== channelId && !(await mayRead(client, author.id, reference.channelId))) return null
  return fetchPost(client, reference.channelId, reference.messageId)
}

/** A post by its ids; null when there is none, or it may not be read. */
export async function fetchPost(
  client: Client,
  channelId: string,
  messageId: string | undefined,
): Promise<Message | null> {
  if (messageId === undefined) return null
  const channel = await client.channels.fetch(channelId).catch(() => null)
  if (channel === null || !channel.isTextBased()) return null
  return channel.messages.fetch(messageId).catch(() => null)
}
