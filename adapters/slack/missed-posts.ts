// Posts that came while nobody listened: read from the channels that Valley is in, those that are watched first and with their
// threads, and from the threads where it was spoken to, and handed on as if they came now. Slack sends events again for some
// minutes only.
import type { MissedSince } from '../../src/conversation/listening.ts'
import type { Logger } from '../../src/logger.ts'
import { inTrace } from '../../src/trace.ts'
import { hearMissed } from './hear-posts.ts'
import { type Json, textIn } from './json.ts'
import {
  MAX_CHANNEL_PAGES,
  MAX_MISSED_PLACES,
  MAX_OLDER_PAGES,
  MAX_WATCHED_PAGES,
  MAX_WATCHED_THREADS,
  THREADS_LOOKED_BACK_MS,
} from './limits.ts'
import { watchPost } from './moderation/watch-posts.ts'
import { idOf, isDirect, SLACK } from './place.ts'
import { PostReader, postedMs, type ReadPosts } from './read-posts.ts'
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
 * Fetches what was missed, place by place: watched channels, then others, the one spoken at last first. A place that fails is
 * passed over.
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
  const { moderation, logger } = talk.options
  const reader = new PostReader(workspace)
  const known = new Set([...spokenAt.map(({ channel }) => channel), ...(await ownChannels(talk, reader))])
  const isWatched = (channel: string) => moderation.desk?.isWatched([idOf(teamId, channel)]) ?? false
  const watched = [...known].filter(isWatched)
  const others = [...known].filter((channel) => !isWatched(channel)).slice(0, MAX_MISSED_PLACES)
  const threads = spokenAt.filter(({ threadTs }) => threadTs !== undefined).slice(0, MAX_MISSED_PLACES)
  let found = 0
  /** @returns null when they could not be read */
  const fetchAt = async (channel: string, read: () => Promise<ReadPosts>): Promise<readonly Json[] | null> => {
    try {
      const { posts, isCut } = await read()
      for (const post of posts) await handOn(talk, workspace, channel, post, since)
      found += posts.length
      if (isCut) logger.warn({ channel, posts: posts.length }, 'there are more missed posts than are read')
      return posts
    } catch (error) {
      logger.warn({ channel, reason: describeError(error) }, 'missed posts of a channel could not be read')
      return null
    }
  }
  for (const channel of watched) {
    const range = { fromMs: since.watchedMs, mostPages: MAX_WATCHED_PAGES }
    const posts = await fetchAt(channel, () => reader.history(channel, range))
    const replied = posts === null ? [] : await repliedThreads(reader, channel, posts, since.watchedMs, logger)
    for (const ts of replied) await fetchAt(channel, () => reader.thread(channel, ts, range))
  }
  for (const channel of others) {
    await fetchAt(channel, () => reader.history(channel, { fromMs: since.questionsMs, mostPages: 1 }))
  }
  for (const { channel, threadTs = '' } of threads) {
    const fromMs = isWatched(channel) ? since.watchedMs : since.questionsMs
    await fetchAt(channel, () => reader.thread(channel, threadTs, { fromMs, mostPages: 1 }))
  }
  return found
}

/** Channels that Valley was invited to, as Slack lists them; none without the scopes for that. */
async function ownChannels({ options: { logger } }: Talk, reader: PostReader): Promise<string[]> {
  try {
    return await reader.ownChannels(MAX_CHANNEL_PAGES)
  } catch (error) {
    logger.warn({ reason: describeError(error) }, 'the channels that Valley is in could not be read')
    return []
  }
}

/**
 * Timestamps of threads in a watched channel that got replies, also of some that began before; the one replied to last first.
 * Never rejects.
 * @param posts those that were missed
 */
async function repliedThreads(
  reader: PostReader,
  channel: string,
  posts: readonly Json[],
  fromMs: number,
  logger: Logger,
): Promise<string[]> {
  const range = { fromMs: fromMs - THREADS_LOOKED_BACK_MS, untilMs: fromMs, mostPages: MAX_OLDER_PAGES }
  const older = await reader.history(channel, range).catch((error: unknown) => {
    logger.warn({ channel, reason: describeError(error) }, 'threads with missed replies could not be looked for')
    return { posts: [], isCut: false }
  })
  const repliedMs = (post: Json) => Number(textIn(post, 'latest_reply')) * 1000
  const threads = [...older.posts, ...posts]
    .filter((post) => repliedMs(post) >= fromMs)
    .sort((one, other) => repliedMs(other) - repliedMs(one))
  if (older.isCut || threads.length > MAX_WATCHED_THREADS) {
    logger.info({ channel, threads: threads.length }, 'there may be more threads with missed replies than are read')
  }
  return threads.slice(0, MAX_WATCHED_THREADS).flatMap((post) => textIn(post, 'ts') ?? [])
}

/** To moderation, and where it is recent, as a question. */
async function handOn(
  talk: Talk,
  workspace: Workspace,
  channel: string,
  post: Json,
  { questionsMs }: MissedSince,
): Promise<void> {
  await inTrace(async () => {
    await watchPost(talk, workspace, channel, post)
    if (postedMs(post) >= questionsMs) await hearMissed(talk, workspace, { ...post, type: 'message', channel })
  })
}

/** Reads the id of a conversation. @returns null for what is none of Slack's */
function parsePlace(place: string): Listened | null {
  const [platform, teamId, channel, threadTs] = place.split(':')
  if (platform !== SLACK || teamId === undefined || channel === undefined) return null
  return { teamId, channel, ...(threadTs === undefined || isDirect(channel) ? {} : { threadTs }) }
}
