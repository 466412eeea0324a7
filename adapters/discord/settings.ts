// What an operator can choose about Discord, as plain values.

/** Who or where: everything in `allow`, or all when that is empty, less what is in `deny`. By Discord's ids. */
export interface AccessList {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** People with a say beyond their own conversations, by Discord's ids. */
export interface Admins {
  readonly users: readonly string[]
  /** Whoever has one of them. */
  readonly roles: readonly string[]
}

/** How the bot behaves on Discord. */
export interface DiscordSettings {
  /** Use the privileged message-content intent where the developer portal grants it. */
  readonly messageContent: boolean
  /** Open a thread for a conversation that begins in a channel. */
  readonly openThreads: boolean
  /** Answer in such a thread without a further mention; needs the intent. */
  readonly followThreads: boolean
  readonly directMessages: boolean
  readonly guilds: AccessList
  readonly channels: AccessList
  readonly roles: AccessList
  readonly users: AccessList
  /** Beside those who may manage the channel or the guild. */
  readonly admins: Admins
  /** Channels in which no thread is opened. */
  readonly noThreadChannels: readonly string[]
  /** Channels in which every post is answered without a mention; needs the intent. */
  readonly freeChannels: readonly string[]
}

const EVERYBODY: AccessList = { allow: [], deny: [] }

/** The settings of an operator who chose nothing. */
export const DEFAULT_DISCORD_SETTINGS: DiscordSettings = {
  messageContent: false,
  openThreads: true,
  followThreads: true,
  directMessages: true,
  guilds: EVERYBODY,
  channels: EVERYBODY,
  roles: EVERYBODY,
  users: EVERYBODY,
  admins: { users: [], roles: [] },
  noThreadChannels: [],
  freeChannels: [],
}
