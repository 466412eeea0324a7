// The whole state of one pretended Discord, and how to look things up in it. Routes and people change it; the gateway
// hears of each change by `dispatches`.
import {
  type APIApplicationCommand,
  type APIUser,
  ApplicationFlags,
  type GatewayDispatchEvents,
  RESTJSONErrorCodes,
} from 'discord.js'
import { apiError } from '../http/api-error.ts'
import { Changes } from './changes.ts'
import { Clock } from './clock.ts'
import { SnowflakeSource } from './snowflakes.ts'
import type {
  AttachmentState,
  ChannelState,
  GuildState,
  InteractionState,
  MessageState,
  PersonSettings,
  Ping,
} from './state.ts'

/** The privileged intents that are switched on for the app in the developer portal. */
export interface PrivilegedIntents {
  readonly messageContent: boolean
  readonly guildMembers: boolean
  readonly presences: boolean
}

/** One event on its way to the sessions of the gateway. */
export interface Dispatch {
  readonly event: GatewayDispatchEvents
  /** The intent bits of which a session needs one; 0 for events that every session gets. */
  readonly intents: number
  readonly guildId: string | null
  /** The session's bot must be able to view it; null for events of no channel. */
  readonly channelId: string | null
  /** @param withContent whether message content of others may be shown */
  render(withContent: boolean): unknown
}

/** One pretended Discord. */
export class World {
  readonly clock = new Clock()
  readonly ids = new SnowflakeSource(this.clock)
  readonly changes = new Changes()
  readonly users = new Map<string, APIUser>()
  readonly people = new Map<string, PersonSettings>()
  readonly guilds = new Map<string, GuildState>()
  readonly channels = new Map<string, ChannelState>()
  readonly attachments = new Map<string, AttachmentState>()
  /** By the interaction's token. */
  readonly interactions = new Map<string, InteractionState>()
  /** By command id. */
  readonly commands = new Map<string, APIApplicationCommand>()
  readonly pings: Ping[] = []
  /** Times that the bot was typing. */
  readonly typing: { readonly channelId: string; readonly atMs: number }[] = []
  readonly applicationId: string
  readonly bot: APIUser
  readonly privileged: PrivilegedIntents
  /** The token that is accepted; null after it was revoked. */
  token: string | null
  /** Where the double listens, e.g. `http://127.0.0.1:4711`. */
  origin = ''
  /** Takes each event; the gateway sets it. */
  onDispatch: (dispatch: Dispatch) => void = () => {}
  readonly #messages = new Map<string, MessageState>()

  constructor(options: { botName: string; privileged: PrivilegedIntents }) {
    this.applicationId = this.ids.next()
    // For apps made since 2017 both ids are one.
    this.bot = { ...newUser(this.applicationId, options.botName), bot: true }
    this.users.set(this.bot.id, this.bot)
    this.privileged = options.privileged
    this.token = `${Buffer.from(this.bot.id).toString('base64url')}.double.of-a-bot-token`
  }

  /** Sends an event to the gateway and wakes those who wait. */
  dispatch(dispatch: Dispatch): void {
    this.onDispatch(dispatch)
    this.changes.announce()
  }

  /** The application's flags: which privileged intents are switched on. */
  applicationFlags(): ApplicationFlags {
    const { messageContent, guildMembers, presences } = this.privileged
    return (
      (messageContent ? ApplicationFlags.GatewayMessageContentLimited : 0) |
      (guildMembers ? ApplicationFlags.GatewayGuildMembersLimited : 0) |
      (presences ? ApplicationFlags.GatewayPresenceLimited : 0)
    )
  }

  /** @throws ApiError 10013 */
  user(id: string): APIUser {
    const user = this.users.get(id)
    if (user === undefined) throw apiError(RESTJSONErrorCodes.UnknownUser)
    return user
  }

  /** @throws ApiError 10003 */
  channel(id: string): ChannelState {
    const channel = this.channels.get(id)
    if (channel === undefined) throw apiError(RESTJSONErrorCodes.UnknownChannel)
    return channel
  }

  /** @throws ApiError 10004, also for a guild that the bot is not in */
  guildOfBot(id: string): GuildState {
    const guild = this.guilds.get(id)
    if (!guild?.members.has(this.bot.id)) throw apiError(RESTJSONErrorCodes.UnknownGuild)
    return guild
  }

  /** The guild of a channel; null for a DM. */
  guildOf(channel: ChannelState): GuildState | null {
    return channel.guildId === null ? null : this.guilds.get(channel.guildId)!
  }

  /** @throws ApiError 10008 */
  message(channelId: string, id: string): MessageState {
    const message = this.#messages.get(id)
    if (message === undefined || message.channelId !== channelId) throw apiError(RESTJSONErrorCodes.UnknownMessage)
    return message
  }

  /** The message, or undefined when it is gone. */
  findMessage(id: string): MessageState | undefined {
    return this.#messages.get(id)
  }

  /** The newest message that the test accepts, or undefined. */
  findLastMessage(test: (message: MessageState) => boolean): MessageState | undefined {
    return [...this.#messages.values()].findLast(test)
  }

  addMessage(message: MessageState): void {
    this.#messages.set(message.id, message)
  }

  removeMessage(id: string): void {
    this.#messages.delete(id)
  }

  /** All messages of a channel, oldest first, ephemeral ones included. */
  messagesOf(channelId: string): MessageState[] {
    return [...this.#messages.values()].filter((message) => message.channelId === channelId)
  }
}

/** A user object with a name and nothing else. */
export function newUser(id: string, name: string): APIUser {
  const username = name.toLowerCase().replaceAll(/[^a-z0-9._]/g, '_')
  return { id, username, global_name: name, discriminator: '0', avatar: null }
}
