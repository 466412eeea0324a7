// Whether a post is meant for the bot, and its words without the bot's name.
import { cleanContent, type Message } from 'discord.js'
import type { DiscordSettings } from './settings.ts'

/** Why a post is answered. */
export type Address =
  /** It names the bot, its role, or replies to a post of the bot with a ping. */
  | 'mention'
  | 'direct'
  /** It stands in a thread; answered when the conversation there is known. */
  | 'thread'
  | 'free-channel'

/**
 * Tells why a post would be answered.
 * @param readsAllPosts whether posts that do not mention the bot can be read
 * @returns null when it is none of the bot's business: posts of bots and of Discord itself, and talk among people
 */
export function addressOf(
  message: Message<boolean>,
  settings: DiscordSettings,
  readsAllPosts: boolean,
): Address | null {
  const { author, client, webhookId, system, channel } = message
  if (author.bot || webhookId !== null || system) return null
  if (channel.isDMBased()) return 'direct'
  if (mentionsBot(message)) return 'mention'
  const namesOthers = message.mentions.users.size > 0 && !message.mentions.has(client.user?.id ?? '')
  if (!readsAllPosts || namesOthers) return null
  if (channel.isThread() && settings.followThreads) return 'thread'
  return settings.freeChannels.includes(channel.id) ? 'free-channel' : null
}

function mentionsBot({ mentions, client, guild }: Message): boolean {
  const me = client.user?.id
  if (me === undefined) return false
  if (mentions.users.has(me)) return true
  const role = guild?.roles.botRoleFor(me)
  return role !== null && role !== undefined && mentions.roles.has(role.id)
}

/** The words of a post as the model is to read them: without the bot's own name, other names written out. */
export function wordsOf({ content, channel, client, guild }: Message): string {
  const me = client.user?.id ?? ''
  const role = guild?.roles.botRoleFor(me)?.id ?? me
  const withoutName = content.replaceAll(new RegExp(`<@(?:!?${me}|&${role})>`, 'g'), ' ')
  return cleanContent(withoutName, channel)
    .replace(/[ \t]{2,}/g, ' ')
    .trim()
}
