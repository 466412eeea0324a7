// Which gateway intents the bot asks for, and what is off for want of one.
import { ApplicationFlags, GatewayIntentBits } from 'discord.js'
import type { DiscordSettings } from './settings.ts'

/** What the bot connects with. */
export interface ChosenIntents {
  readonly intents: readonly GatewayIntentBits[]
  /** True when posts that do not mention the bot can be read. */
  readonly readsAllPosts: boolean
  /** Names of intents that are missing; empty when nothing that is wanted is off. */
  readonly missing: readonly string[]
  /** What does not work because of that, one phrase each, for the log. */
  readonly off: readonly string[]
  /** What the operator can do about it; absent when nothing is missing. */
  readonly remedy?: string
}

/**
 * Chooses intents. Asking for one that the portal does not grant would close the connection, so it is not asked for.
 * @param applicationFlags `flags` of the application, from which the portal's switches can be read
 * @param watches true when channels are watched for moderators
 */
export function chooseIntents(settings: DiscordSettings, applicationFlags: number, watches = false): ChosenIntents {
  const granted = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited
  const isGranted = (applicationFlags & granted) !== 0
  const readsAllPosts = settings.messageContent && isGranted
  const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages]
  if (settings.directMessages) intents.push(GatewayIntentBits.DirectMessages)
  if (readsAllPosts)
    return { intents: [...intents, GatewayIntentBits.MessageContent], readsAllPosts, missing: [], off: [] }
  return {
    intents,
    readsAllPosts,
    missing: ['MessageContent'],
    off: [
      ...(watches ? ['clips of watched channels but those of posts that mention the bot'] : []),
      ...(settings.followThreads ? ['answers in threads without a further mention'] : []),
      ...(settings.freeChannels.length > 0 ? ['answers in free channels without a mention'] : []),
      'clips of a post that a mention replies to or links to, and the newest clip of a channel (the message menu works)',
    ],
    remedy: isGranted
      ? 'Set discord.messageContent to true to use it.'
      : settings.messageContent
        ? 'Switch on the message content intent on the bot page of the developer portal and start again.'
        : 'Switch it on in the developer portal and set discord.messageContent to true.',
  }
}
