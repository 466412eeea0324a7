// Threads that are opened for a conversation.
import { type AnyThreadChannel, ChannelType, type Message } from 'discord.js'
import type { Logger } from '../../src/logger.ts'
import { failureFields, failureOf } from './failures.ts'
import { MAX_THREAD_NAME_LENGTH, THREAD_ARCHIVE_MINUTES } from './limits.ts'
import { mayOpenThread } from './permissions.ts'
import type { DiscordSettings } from './settings.ts'

/** Channels that take threads which begin at a post. */
const PARENTS: readonly ChannelType[] = [ChannelType.GuildText, ChannelType.GuildAnnouncement]

/** True when a conversation that begins with a post in its channel is to have a thread. */
export function wantsThread({ channel }: Message, settings: DiscordSettings): boolean {
  if (!settings.openThreads || settings.noThreadChannels.includes(channel.id)) return false
  return PARENTS.includes(channel.type) && mayOpenThread(channel)
}

/**
 * Opens the thread of a post, or finds the one that it has.
 * @param name any text; cut to what Discord takes
 * @param userId who asked: joins it, so that they see what is new there
 * @returns null when Discord refuses; the conversation then stays in the channel
 */
export async function openThread(
  message: Message,
  { name, userId }: { readonly name: string; readonly userId: string },
  logger: Logger,
): Promise<AnyThreadChannel | null> {
  if (message.thread !== null) return message.thread
  try {
    const thread = await message.startThread({ name: threadName(name), autoArchiveDuration: THREAD_ARCHIVE_MINUTES })
    // The thread works without it.
    thread.members.add(userId).catch(() => {})
    return thread
  } catch (error) {
    logger.info({ message: message.id, ...failureFields(error) }, 'no thread could be opened; the channel is used')
    // Somebody else may have been faster: the thread of a post has its id.
    const there = await message.client.channels.fetch(message.id).catch(() => null)
    return there?.isThread() ? there : null
  }
}

/**
 * True for a thread that the bot opened for a conversation: it begins at a post of a person, or at the answer to a command.
 * What else the bot posts is for moderators, and a thread that they had opened from an alert is for talk among them. Where
 * it cannot be seen how a thread begins, as when that post was deleted, people have to mention the bot.
 * @throws what Discord throws when it does not answer
 */
export async function isOpenedForConversation(thread: AnyThreadChannel): Promise<boolean> {
  const me = thread.client.user.id
  if (thread.ownerId !== me) return false
  const first = await thread.fetchStarterMessage().catch((error: unknown) => {
    if (failureOf(error) === 'unreachable') throw error
    return null
  })
  return first !== null && (first.author.id !== me || first.interactionMetadata !== null)
}

/** A name on one line that fits. */
export function threadName(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line === '') return 'Valley'
  const characters = [...line]
  if (characters.length <= MAX_THREAD_NAME_LENGTH) return line
  return `${characters
    .slice(0, MAX_THREAD_NAME_LENGTH - 1)
    .join('')
    .trimEnd()}…`
}
