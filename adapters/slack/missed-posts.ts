// Posts that came while nobody listened: read from the channels that Valley is in and the threads where it was spoken to, then
// from watched channels with their threads, and handed on as if they came now. Slack sends events again for some minutes only.
import type { MissedSince } from '../../src/conversation/listening.ts'
import type { Logger } from '../../src/logger.ts'
import { inTrace } from '../../src/trace.ts'
import { hearMissed } from './hear-posts.ts'
import { type Json, textIn } from './json.ts'
import {
  MAX_CHANNEL_PAGES,
  MAX_HEARD_PLACES,
  MAX_MISSED_PLACES,
  MAX_OLDER_PAGES,
  MAX_WATCHED_PAGES,
  MAX_WATCHED_THREADS,
  SHORT_GAP_MS,
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

/** Fetches what was missed, one run after the other: Slack may be connected anew while much is being read. */
export class MissedPosts {
  readonly #talk: Talk
  readonly #ownTeam: () => Promise<string | null>
  #next: MissedSince | null = null
  #running: Promise<void> | null = null

  /** @param ownTeam the one workspace; null for several, which are known by what is watched and was said there */
  constructor(talk: Talk, ownTeam: () => Promise<string | null>) {
    this.#talk = talk
    this.#ownTeam = ownTeam
  }

  /** Fetches; while a run is under way, once more after it. Resolves when nothing is left to fetch. */
  fetch(since: MissedSince): Promise<void> {
    this.#next = this.#next === null ? since : earlierOf(this.#next, since)
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    try {
      for (let since = this.#next; since !== null; since = this.#next) {
        this.#next = null
        await fetchAll(this.#talk, await this.#ownTeam(), since)
      }
    } finally {
      this.#running = null
    }
  }
}

function earlierOf(one: MissedSince, other: MissedSince): MissedSince {
  return {
    questionsMs: Math.min(one.questionsMs, other.questionsMs),
    watchedMs: Math.min(one.watchedMs, other.watchedMs),
  }
}

/** Fetches place by place, what people asked everywhere before what is watched. A place that fails is passed over. */
async function fetchAll(talk: Talk, teamId: string | null, since: MissedSince): Promise<void> {
  const { workspaces, heard, moderation, logger } = talk.options
  const parse = (ids: readonly string[]) => ids.flatMap((id) => parsePlace(id) ?? [])
  // The last few may all be of one busy workspace.
  const places = parse(await heard.places(SLACK, MAX_HEARD_PLACES))
  const watched = parse(moderation.desk?.watchedChannels(SLACK) ?? [])
  const teams = [...(teamId === null ? [] : [teamId]), ...[...watched, ...places].map((place) => place.teamId)]
  let found = 0
  const onFound = (posts: number) => {
    found += posts
  }
  const readsOfWatched: (() => Promise<void>)[] = []
  for (const team of new Set(teams)) {
    try {
      const workspace = await workspaces.byTeam(team)
      const spokenAt = places.filter((place) => place.teamId === team).slice(0, 2 * MAX_MISSED_PLACES)
      readsOfWatched.push(await fetchAsked(talk, workspace, spokenAt, since, onFound))
    } catch (error) {
      logger.warn({ team, reason: describeError(error) }, 'missed posts of a workspace could not be read')
    }
  }
  for (const readWatched of readsOfWatched) await readWatched()
  logger.info({ platform: SLACK, posts: found }, 'looked for posts that were missed')
}

/**
 * Fetches where people may have asked in a workspace, the place spoken at last first.
 * @returns fetches the watched channels, which may take a quarter of an hour; never rejects
 */
async function fetchAsked(
  talk: Talk,
  workspace: Workspace,
  spokenAt: readonly Listened[],
  since: MissedSince,
  onFound: (posts: number) => void,
): Promise<() => Promise<void>> {
  const { teamId } = workspace
  const { moderation, logger } = talk.options
  const reader = new PostReader(workspace)
  const known = new Set([...spokenAt.map(({ channel }) => channel), ...(await ownChannels(talk, reader))])
  const isWatched = (channel: string) => moderation.desk?.isWatched([idOf(teamId, channel)]) ?? false
  const watched = [...known].filter(isWatched)
  const others = [...known].filter((channel) => !isWatched(channel)).slice(0, MAX_MISSED_PLACES)
  const threads = spokenAt.filter(({ threadTs }) => threadTs !== undefined).slice(0, MAX_MISSED_PLACES)
  /** @returns null when they could not be read */
  const fetchAt = async (channel: string, read: () => Promise<ReadPosts>): Promise<readonly Json[] | null> => {
    try {
      const { posts, isCut } = await read()
      for (const post of posts) await handOn(talk, workspace, channel, post, since)
      onFound(posts.length)
      if (isCut) logger.warn({ channel, posts: posts.length }, 'there are more missed posts than are read')
      return posts
    } catch (error) {
      logger.warn({ channel, reason: describeError(error) }, 'missed posts of a channel could not be read')
      return null
    }
  }
  for (const channel of others) {
    await fetchAt(channel, () => reader.history(channel, { fromMs: since.questionsMs, mostPages: 1 }))
  }
  for (const { channel, threadTs = '' } of threads) {
    const fromMs = isWatched(channel) ? since.watchedMs : since.questionsMs
    await fetchAt(channel, () => reader.thread(channel, threadTs, { fromMs, mostPages: 1 }))
  }
  return async () => {
    const range = { fromMs: since.watchedMs, mostPages: MAX_WATCHED_PAGES }
    const replied: { readonly channel: string; readonly ts: string }[] = []
    for (const channel of watched) {
      const posts = await fetchAt(channel, () => reader.history(channel, range))
      if (posts === null) continue
      for (const ts of await repliedThreads(reader, channel, posts, since.watchedMs, logger))
        replied.push({ channel, ts })
    }
    // Threads are many, and people ask in watched channels too.
    for (const { channel, ts } of replied) await fetchAt(channel, () => reader.thread(channel, ts, range))
  }
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
 * Timestamps of threads in a watched channel that got replies, after a longer gap also of some that began before; the one
 * replied to last first. Never rejects.
 * @param posts those that were missed
 */
async function repliedThreads(
  reader: PostReader,
  channel: string,
  posts: readonly Json[],
  fromMs: number,
  logger: Logger,
): Promise<string[]> {
  const older = await olderPosts(reader, channel, fromMs, logger)
  const repliedMs = (post: Json) => Number(textIn(post, 'latest_reply')) * 1000
  const threads = [...older.posts, ...posts]
    .filter((post) => repliedMs(post) >= fromMs)
    .sort((one, other) => repliedMs(other) - repliedMs(one))
  if (older.isCut || threads.length > MAX_WATCHED_THREADS) {
    logger.info({ channel, threads: threads.length }, 'there may be more threads with missed replies than are read')
  }
  return threads.slice(0, MAX_WATCHED_THREADS).flatMap((post) => textIn(post, 'ts') ?? [])
}

/** Posts before a gap, whose threads may have got replies in it. Never rejects. */
async function olderPosts(reader: PostReader, channel: string, gapMs: number, logger: Logger): Promise<ReadPosts> {
  if (Date.now() - gapMs < SHORT_GAP_MS) return { posts: [], isCut: false }
  const range = { fromMs: gapMs - THREADS_LOOKED_BACK_MS, untilMs: gapMs, mostPages: MAX_OLDER_PAGES }
  return await reader.history(channel, range).catch((error: unknown) => {
    logger.warn({ channel, reason: describeError(error) }, 'threads with missed replies could not be looked for')
    return { posts: [], isCut: false }
  })
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

/** Reads the id of a conversation or channel. @returns null for what is none of Slack's, or names no workspace */
function parsePlace(place: string): Listened | null {
  const [platform, teamId, channel, threadTs] = place.split(':')
  if (platform !== SLACK || teamId === undefined || channel === undefined) return null
  return { teamId, channel, ...(threadTs === undefined || isDirect(channel) ? {} : { threadTs }) }
}
