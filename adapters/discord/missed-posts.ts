// Posts that came while nobody listened: read from the channels that have newer ones, and handed on as if they came now.
import { type Channel, type Message, PermissionFlagsBits, SnowflakeUtil, type TextBasedChannel } from 'discord.js'
import type { MissedSince } from '../../src/conversation/listening.ts'
import { inTrace } from '../../src/trace.ts'
import { addressOf } from './addressed.ts'
import type { BotContext } from './bot-context.ts'
import { failureFields } from './failures.ts'
import { MAX_MISSED_CHANNELS, MAX_MISSED_PAGES, MISSED_PAGE_POSTS } from './limits.ts'
import { PLATFORM, parseThreadId } from './places.ts'

/** What becomes of a post that was missed. */
export interface MissedPosts {
  /** Resolves when its question, if it is one, has joined its thread's line. */
  ask(message: Message): Promise<void>
  /** Looks at it for moderators. */
  watch(message: Message): Promise<void>
}

/** Fetches what was missed, channel by channel, those with the newest posts first. A channel that fails is passed over. */
export async function fetchMissedPosts(context: BotContext, since: MissedSince, posts: MissedPosts): Promise<void> {
  const { logger } = context
  let found = 0
  for (const channel of await channelsWithNewer(context, since)) {
    try {
      const fromMs = isWatched(context, channel) ? since.watchedMs : since.questionsMs
      for (const message of await postsAfter(channel, fromMs)) {
        found += 1
        await inTrace(() => handOn(context, message, since, posts))
      }
    } catch (error) {
      logger.warn({ channel: channel.id, ...failureFields(error) }, 'missed posts of a channel could not be read')
    }
  }
  logger.info({ platform: PLATFORM, posts: found }, 'looked for posts that were missed')
}

async function handOn(
  context: BotContext,
  message: Message,
  { questionsMs }: MissedSince,
  { ask, watch }: MissedPosts,
): Promise<void> {
  await watch(message)
  if (message.createdTimestamp < questionsMs) return
  if (addressOf(message, context.settings, context.readsAllPosts) === null) return
  // Roles come with posts that are delivered, and not with those that are fetched.
  await message.guild?.members.fetch(message.author.id).catch(() => null)
  await ask(message)
}

/** Every channel tells the id of its newest post, and an id tells when it was given. */
async function channelsWithNewer(context: BotContext, since: MissedSince): Promise<(Channel & TextBasedChannel)[]> {
  const { client, heard } = context
  // Direct channels and threads that rest are not known to a client that has just connected.
  for (const place of await heard.places(PLATFORM, MAX_MISSED_CHANNELS)) {
    const id = parseThreadId(place)?.channelId
    if (id !== undefined && !client.channels.cache.has(id)) await client.channels.fetch(id).catch(() => null)
  }
  await recallArchived(context)
  return [...client.channels.cache.values()]
    .filter((channel) => channel.isTextBased())
    .filter((channel) => {
      const fromMs = isWatched(context, channel) ? since.watchedMs : since.questionsMs
      return newestPostMs(channel) >= fromMs && mayReadPosts(channel)
    })
    .sort((one, other) => newestPostMs(other) - newestPostMs(one))
    .slice(0, MAX_MISSED_CHANNELS)
}

/** Threads and posts of forums that came to rest meanwhile are shown to nobody who does not ask for them. */
async function recallArchived(context: BotContext): Promise<void> {
  const { client, logger } = context
  const parents = [...client.channels.cache.values()].filter((channel) => 'threads' in channel)
  for (const channel of parents) {
    if (!isWatched(context, channel) || !mayReadPosts(channel)) continue
    await channel.threads.fetchArchived({ limit: MAX_MISSED_CHANNELS }).catch((error: unknown) => {
      logger.warn({ channel: channel.id, ...failureFields(error) }, 'threads at rest of a channel could not be read')
    })
  }
}

/** The oldest first. */
async function postsAfter(channel: TextBasedChannel, fromMs: number): Promise<Message[]> {
  const posts: Message[] = []
  let after = String(SnowflakeUtil.generate({ timestamp: fromMs }))
  for (let page = 0; page < MAX_MISSED_PAGES; page += 1) {
    const read = await channel.messages.fetch({ after, limit: MISSED_PAGE_POSTS })
    const oldestFirst = [...read.values()].reverse()
    posts.push(...oldestFirst)
    after = oldestFirst.at(-1)?.id ?? after
    if (read.size < MISSED_PAGE_POSTS) break
  }
  return posts
}

function newestPostMs({ lastMessageId }: TextBasedChannel): number {
  return typeof lastMessageId !== 'string' ? 0 : SnowflakeUtil.timestampFrom(lastMessageId)
}

function isWatched({ moderation }: BotContext, channel: Channel): boolean {
  if (moderation === null || channel.isDMBased()) return false
  const parentId = channel.isThread() ? channel.parentId : null
  return moderation.isWatched([`${PLATFORM}:${channel.id}`, parentId === null ? null : `${PLATFORM}:${parentId}`])
}

function mayReadPosts(channel: Channel): boolean {
  if (channel.isDMBased()) return true
  const { me } = channel.guild.members
  const needed = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.ReadMessageHistory]
  return me !== null && channel.permissionsFor(me).has(needed)
}
