// Posts that came while nobody listened: read from the channels that Valley is in and the threads where it was spoken to,
// and handed on as if they came now. Slack sends events again for some minutes only.
import type { MissedSince } from '../../src/conversation/listening.ts'
import { inTrace } from '../../src/trace.ts'
import { hearMissed } from './hear-posts.ts'
import { type Json, listIn, textIn } from './json.ts'
import { MAX_MISSED_PLACES, MAX_MISSED_POSTS } from './limits.ts'
import { watchPost } from './moderation/watch-posts.ts'
import { idOf, isDirect, SLACK } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** A channel, or one thread of it. */
interface Listened {
  readonly teamId: string
  readonly channel: string
  readonly threadTs?: string
}

/**
 * Fetches what was missed, place by place, the one spoken at last first. A place that fails is passed over.
 * @param teamId the one workspace; null for several, which are known by what was spoken there
 */
export async function fetchMissedPosts(talk: Talk, teamId: string | null, since: MissedSince): Promise<void> {
  const { workspaces, heard, logger } = talk.options
  const places = (await heard.places(SLACK, 2 * MAX_MISSED_PLACES)).flatMap((place) => parsePlace(place) ?? [])
  let found = 0
  for (const team of new Set([...(teamId === null ? [] : [teamId]), ...places.map((place) => place.teamId)])) {
    try {
      const workspace = await workspaces.byTeam(team)
      const spokenAt = places.filter((place) => place.teamId === team)
      found += await fetchOfWorkspace(talk, workspace, spokenAt, since)
    } catch (error) {
      logger.warn({ team, reason: describeError(error) }, 'missed posts of a workspace could not be read')
    }
  }
  logger.info({ platform: SLACK, posts: found }, 'looked for posts that were missed')
}

async function fetchOfWorkspace(
  talk: Talk,
  workspace: Workspace,
  spokenAt: readonly Listened[],
  since: MissedSince,
): Promise<number> {
  const { teamId } = workspace
  const known = [...spokenAt.map(({ channel }) => channel), ...(await ownChannels(talk, workspace))]
  const channels = [...new Set(known)].slice(0, MAX_MISSED_PLACES).map((channel): Listened => ({ teamId, channel }))
  const threads = spokenAt.filter(({ threadTs }) => threadTs !== undefined).slice(0, MAX_MISSED_PLACES)
  let found = 0
  for (const place of [...channels, ...threads]) {
    try {
      found += await fetchAt(talk, workspace, place, since)
    } catch (error) {
      const { channel } = place
      talk.options.logger.warn({ channel, reason: describeError(error) }, 'missed posts of a channel could not be read')
    }
  }
  return found
}

/** Channels that Valley was invited to, as Slack lists them; none without the scopes for that. */
async function ownChannels({ options: { logger } }: Talk, { client }: Workspace): Promise<string[]> {
  try {
    const types = 'public_channel,private_channel,im'
    const answer = await client.users.conversations({ types, exclude_archived: true, limit: MAX_MISSED_PLACES })
    return listIn(answer, 'channels').flatMap((channel) => textIn(channel, 'id') ?? [])
  } catch (error) {
    logger.warn({ reason: describeError(error) }, 'the channels that Valley is in could not be read')
    return []
  }
}

async function fetchAt(talk: Talk, workspace: Workspace, place: Listened, since: MissedSince): Promise<number> {
  const { teamId, channel } = place
  const isWatched = talk.options.moderation.desk?.isWatched([idOf(teamId, channel)]) ?? false
  const fromMs = isWatched ? since.watchedMs : since.questionsMs
  const posts = await postsAfter(workspace, place, fromMs)
  for (const post of posts) {
    await inTrace(async () => {
      await watchPost(talk, workspace, channel, post)
      const isRecent = postedMs(post) >= since.questionsMs
      if (isRecent) await hearMissed(talk, workspace, { ...post, type: 'message', channel })
    })
  }
  return posts.length
}

/** The oldest first. */
async function postsAfter(
  { client }: Workspace,
  { channel, threadTs }: Listened,
  fromMs: number,
): Promise<readonly Json[]> {
  const range = { channel, oldest: (fromMs / 1000).toFixed(6), limit: MAX_MISSED_POSTS }
  if (threadTs === undefined) return listIn(await client.conversations.history(range), 'messages').toReversed()
  // The first post of a thread comes along, however old it is.
  const read = listIn(await client.conversations.replies({ ...range, ts: threadTs }), 'messages')
  return read.filter((post) => postedMs(post) >= fromMs)
}

function postedMs(post: Json): number {
  return Number(textIn(post, 'ts')) * 1000
}

/** Reads the id of a conversation. @returns null for what is none of Slack's */
function parsePlace(place: string): Listened | null {
  const [platform, teamId, channel, threadTs] = place.split(':')
  if (platform !== SLACK || teamId === undefined || channel === undefined) return null
  return { teamId, channel, ...(threadTs === undefined || isDirect(channel) ? {} : { threadTs }) }
}
