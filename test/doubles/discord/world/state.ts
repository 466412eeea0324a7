// What the world is made of, in the double's own terms; the render functions turn it into API objects.
import type {
  APIEmbed,
  APIMessageReference,
  APIMessageTopLevelComponent,
  APIModalInteractionResponseCallbackData,
  APIOverwrite,
  APIUser,
  ChannelType,
  InteractionResponseType,
  InteractionType,
  MessageType,
} from 'discord.js'

/** A role; the one with the guild's id is @everyone. */
export interface RoleState {
  readonly id: string
  readonly name: string
  permissions: bigint
  mentionable: boolean
  /** Present for the role that an app's installation made. */
  readonly botId?: string
}

/** A user's membership of a guild. */
export interface MemberState {
  readonly user: APIUser
  readonly roleIds: string[]
  readonly joinedMs: number
  /** ISO time until which they may not post, as a moderator's time-out sets it. */
  timedOutUntil?: string | null
}

/** A guild. Whether the bot is in it is whether it is among the members. */
export interface GuildState {
  readonly id: string
  readonly name: string
  readonly ownerId: string
  readonly locale: string
  readonly roles: Map<string, RoleState>
  readonly members: Map<string, MemberState>
}

/** What only threads have. */
export interface ThreadState {
  readonly ownerId: string
  archived: boolean
  locked: boolean
  autoArchiveMinutes: number
  archiveChangedMs: number
  readonly memberIds: Set<string>
  messageCount: number
}

/** A guild channel, a thread or a DM. */
export interface ChannelState {
  readonly id: string
  readonly type: ChannelType
  /** Null for a DM. */
  readonly guildId: string | null
  name: string
  readonly parentId: string | null
  readonly overwrites: APIOverwrite[]
  /** The people of a DM besides the bot; empty elsewhere. */
  readonly recipientIds: readonly string[]
  readonly thread: ThreadState | null
  lastMessageId: string | null
}

/** A file on the CDN that belongs to a message or a command option. */
export interface AttachmentState {
  readonly id: string
  readonly channelId: string
  readonly name: string
  readonly contentType: string | null
  readonly bytes: Buffer
  /** The size that messages say it has, bytes; a test may have it lie. */
  readonly size: number
  readonly description: string | null
  readonly isEphemeral: boolean
}

/** Who a message notifies. */
export interface Mentions {
  readonly userIds: readonly string[]
  readonly roleIds: readonly string[]
  readonly everyone: boolean
}

/** The interaction that a message answers. */
export interface MessageOrigin {
  readonly interactionId: string
  readonly type: InteractionType
  readonly userId: string
  readonly name: string
  readonly isOriginal: boolean
}

/** A message. */
export interface MessageState {
  readonly id: string
  readonly channelId: string
  readonly authorId: string
  readonly type: MessageType
  content: string
  readonly createdMs: number
  editedMs: number | null
  embeds: APIEmbed[]
  attachments: AttachmentState[]
  components: APIMessageTopLevelComponent[]
  /** Bits of MessageFlags. */
  flags: number
  readonly nonce: string | number | undefined
  readonly reference: APIMessageReference | undefined
  /** What a forward shows: the message as it was then. */
  readonly snapshot: MessageState | undefined
  mentions: Mentions
  readonly reactions: Map<string, Set<string>>
  readonly origin: MessageOrigin | undefined
  /** The one person who sees an ephemeral message; null when everybody in the channel does. */
  readonly onlyFor: string | null
}

/** What the double remembers of an interaction. */
export interface InteractionState {
  readonly id: string
  readonly token: string
  readonly type: InteractionType
  readonly name: string
  readonly userId: string
  readonly channelId: string
  readonly createdMs: number
  /** True when only the user, not the guild, has installed the app. */
  readonly isUserInstallOnly: boolean
  /** What kind of message its first answer becomes. */
  readonly answerType: MessageType
  /** The message whose component was used. */
  readonly sourceMessageId: string | null
  acknowledgedMs: number | null
  responseType: InteractionResponseType | null
  responseMessageId: string | null
  followUpIds: string[]
  choices: readonly { name: string; value: string | number }[] | null
  modal: APIModalInteractionResponseCallbackData | null
}

/** One notification that a message of the bot caused. */
export interface Ping {
  /** `everyone` stands for @here too. */
  readonly kind: 'user' | 'role' | 'everyone'
  /** The user's or role's id; the guild's for everyone. */
  readonly id: string
  readonly messageId: string
  readonly channelId: string
  /** True when an edit caused it. */
  readonly fromEdit: boolean
}

/** A person's own settings. */
export interface PersonSettings {
  readonly locale: string
  /** True when DMs of the bot are refused with 50007. */
  refusesDms: boolean
  /** True when the person has installed the app for themselves. */
  hasApp: boolean
}
