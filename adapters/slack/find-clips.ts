// Clips that a question means without bringing them: of the thread it stands in, of a linked post, the newest of a
// channel. Nothing is found that not all who read the answer may see.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { Logger } from '../../src/logger.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { CLIP_SEARCH_POSTS, THREAD_SEARCH_POSTS } from './limits.ts'
import { clipsOfPost, movingClips } from './parse-files.ts'
import type { Permalink } from './parse-text.ts'
import { isDirect, type Place } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/**
 * The clips of the newest post with one in a thread, its first post included, as far as Valley has not spoken after it:
 * what a person had forgotten stays so. Never rejects.
 */
export async function newestOfThread(workspace: Workspace, place: Place, logger: Logger): Promise<IncomingClip[]> {
  const { channel, threadTs } = place
  if (threadTs === undefined) return []
  return await found(logger, channel, async () => {
    const page = await workspace.client.conversations.replies({ channel, ts: threadTs, limit: THREAD_SEARCH_POSTS })
    return newestWithClip((page.messages ?? []).map((post) => objectIn(post)).reverse(), workspace, channel, 'stop')
  })
}

/** The clips of the newest post with one in a channel. Never rejects. */
export async function newestOfChannel(workspace: Workspace, channel: string, logger: Logger): Promise<IncomingClip[]> {
  return await found(logger, channel, async () => {
    const page = await workspace.client.conversations.history({ channel, limit: CLIP_SEARCH_POSTS })
    return newestWithClip(
      (page.messages ?? []).map((post) => objectIn(post)),
      workspace,
      channel,
      'pass',
    )
  })
}

/**
 * The clips of linked posts that everybody at a place may see. Never rejects.
 * @param place where the answer will be read
 * @returns null when a link leads to nothing, or to what not everybody there may see: one is not told from the other
 */
export async function clipsOfLinks(
  workspace: Workspace,
  links: readonly Permalink[],
  place: Place,
  userId: string,
  logger: Logger,
): Promise<IncomingClip[] | null> {
  const found = await Promise.all(
    links.map(async ({ channel, ts }) => {
      try {
        if (!(await mayBeShown(workspace, channel, place, userId))) return null
        const post = await postAt(workspace, channel, ts)
        return post === null ? null : clipsOf(post, workspace, channel)
      } catch (error) {
        logger.info({ channel, reason: describeError(error) }, 'linked post not read')
        return null
      }
    }),
  )
  return found.includes(null) ? null : found.flatMap((clips) => clips ?? [])
}

/** The clips of a post that was found; our own posts bring none, only storyboards. */
function clipsOf(post: Json, { teamId, botUserId }: Workspace, channel: string): IncomingClip[] {
  return textIn(post, 'user') === botUserId ? [] : clipsOfPost(post, teamId, channel)
}

/** The post of a channel with that timestamp. @throws SlackError */
export async function postAt(workspace: Workspace, channel: string, ts: string): Promise<Json | null> {
  const { client } = workspace
  const page = await client.conversations.replies({ channel, ts, latest: ts, inclusive: true, limit: 1 })
  const posts = (page.messages ?? []).map((post) => objectIn(post))
  return posts.find((one) => textIn(one, 'ts') === ts) ?? (await replyAt(workspace, channel, ts))
}

/** A reply in a thread, which a look at its timestamp alone may not find. */
async function replyAt({ client }: Workspace, channel: string, ts: string): Promise<Json | null> {
  const range = { channel, ts, oldest: ts, inclusive: true, limit: CLIP_SEARCH_POSTS }
  const page = await client.conversations.replies(range)
  return (page.messages ?? []).map((post) => objectIn(post)).find((one) => textIn(one, 'ts') === ts) ?? null
}

/** True when all who read at a place may see a channel: the same one, or an open one, and in a direct message the asker. */
async function mayBeShown({ readers }: Workspace, channel: string, place: Place, userId: string): Promise<boolean> {
  if (channel === place.channel) return true
  if (!isDirect(place.channel) && !(await readers.isOpen(channel))) return false
  return await readers.mayRead(userId, channel)
}

/**
 * @param posts the newest first
 * @param atOwnPosts whether to look beyond our own posts; they bring no clips, only storyboards
 */
function newestWithClip(
  posts: readonly Json[],
  workspace: Workspace,
  channel: string,
  atOwnPosts: 'pass' | 'stop',
): IncomingClip[] {
  for (const post of posts) {
    if (atOwnPosts === 'stop' && textIn(post, 'user') === workspace.botUserId) return []
    const clips = movingClips(clipsOf(post, workspace, channel))
    if (clips.length > 0) return clips
  }
  return []
}

async function found(logger: Logger, channel: string, look: () => Promise<IncomingClip[]>): Promise<IncomingClip[]> {
  try {
    return await look()
  } catch (error) {
    logger.info({ channel, reason: describeError(error) }, 'no clip looked for')
    return []
  }
}
