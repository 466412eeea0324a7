// The newest clip of a channel, for a command that names none.
import type { Client } from 'discord.js'
import { NEWEST_CLIP_POSTS } from './limits.ts'
import { contentOfMessage, type FoundClip, findClips } from './parse-clips.ts'
import { mayRead } from './permissions.ts'

/**
 * Finds the newest post with a clip among the latest of a channel.
 * @param userId who asks; must be able to read there
 * @returns the clips of that post; none when there is no such post or it cannot be read
 */
export async function findNewestClips(
  client: Client,
  channelId: string,
  userId: string,
  clipHosts: readonly string[],
): Promise<FoundClip[]> {
  if (!(await mayRead(client, userId, channelId))) return []
  const channel = await client.channels.fetch(channelId).catch(() => null)
  if (channel === null || !channel.isTextBased()) return []
  const posts = await channel.messages.fetch({ limit: NEWEST_CLIP_POSTS, cache: false }).catch(() => null)
  for (const post of posts?.values() ?? []) {
    if (post.author.id === client.user?.id) continue
    const clips = findClips(contentOfMessage(post), clipHosts)
    if (clips.some(({ clip }) => /^(video|image)\//.test(clip.mediaType ?? 'video/'))) return clips
  }
  return []
}
