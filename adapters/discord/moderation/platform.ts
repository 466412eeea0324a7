// What moderation asks of Discord: to post, to change a post, and to act for a moderator where both of them may.
import { createHash } from 'node:crypto'
import {
  type Client,
  DiscordAPIError,
  type GuildTextBasedChannel,
  MessageFlags,
  PermissionFlagsBits,
  RESTJSONErrorCodes,
  Routes,
  type SendableChannels,
} from 'discord.js'
import { assertNever } from '../../../src/assert.ts'
import type { Logger } from '../../../src/logger.ts'
import type { ModerationDesk } from '../../../src/moderation/platform/desk.ts'
import { ALERT_ACTIONS, type AlertAction, type Notice } from '../../../src/moderation/platform/notice.ts'
import type {
  ActionOutcome,
  AlertPlace,
  ModeratedPlatform,
  PostOutcome,
  Presence,
  ReplaceOutcome,
} from '../../../src/moderation/platform/platform.ts'
import type { PostPlace } from '../../../src/moderation/platform/post-place.ts'
import { failureFields, failureOf } from '../failures.ts'
import {
  MAX_NONCE_LENGTH,
  MAX_REASON_LENGTH,
  MAX_THREAD_NAME_LENGTH,
  THREAD_ARCHIVE_MINUTES,
  TIME_OUT_MS,
} from '../limits.ts'
import { isSendable, mayView } from '../permissions.ts'
import { PLATFORM } from '../places.ts'
import { NO_MENTIONS } from '../reply-target.ts'
import { namesKnownTo } from './known-names.ts'
import { whoStandsTooLow } from './rank.ts'
import { renderNotice } from './render-notice.ts'

/** What each action needs, of whoever presses and of the bot. */
const NEEDED: Readonly<Record<AlertAction, bigint>> = {
  delete: PermissionFlagsBits.ManageMessages,
  'time-out': PermissionFlagsBits.ModerateMembers,
  thread: PermissionFlagsBits.CreatePublicThreads,
}

const GONE: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownMember,
  RESTJSONErrorCodes.UnknownUser,
])

/** The desk asks each minute for each watched channel. */
const ANSWER_KNOWN_MS = 10 * 60 * 1000

/** Discord as moderation sees it. */
export class DiscordModeration implements ModeratedPlatform {
  readonly platform = PLATFORM
  readonly actions = ALERT_ACTIONS
  readonly #logger: Logger
  /** What Discord said of channels that this shard does not hear of, and until when they are not asked about again. */
  readonly #answers = new Map<string, { readonly presence: Presence; readonly untilMs: number }>()
  #desk: ModerationDesk | null = null
  #client: Client<true> | null = null

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Null while moderation is off. */
  get desk(): ModerationDesk | null {
    return this.#desk
  }

  connect(desk: ModerationDesk): void {
    this.#desk = desk
  }

  /** Works by this client from now on; null: there is no connection. */
  use(client: Client<true> | null): void {
    this.#client = client
  }

  async linkTo({ groupId, channelId, messageId }: PostPlace): Promise<string | null> {
    // A channel of another platform may be reported here.
    if (!channelId.startsWith(`${PLATFORM}:`)) return null
    return `https://discord.com/channels/${idOf(groupId)}/${idOf(channelId)}/${messageId}`
  }

  async post(to: string, notice: Notice, key: string): Promise<PostOutcome> {
    try {
      const channel = await this.#sendable(idOf(to))
      const nonce = nonceOf(to, key)
      const reference = await this.#write(to, notice, async (message) => {
        return (await channel.send({ ...message, nonce, enforceNonce: true })).id
      })
      return { kind: 'posted', reference }
    } catch (error) {
      const { code, error: reason } = failureFields(error)
      const kind = failureOf(error) === 'unreachable' ? 'unreachable' : 'refused'
      return { kind, reason: code === undefined ? reason : `${reason} ${code}` }
    }
  }

  async replace(to: string, reference: string, notice: Notice): Promise<ReplaceOutcome> {
    try {
      const channel = await this.#sendable(idOf(to))
      await this.#write(to, notice, (message) => channel.messages.edit(reference, { ...message, attachments: [] }))
      return 'replaced'
    } catch (error) {
      // Another token may do what this one may not.
      const isToken = error instanceof DiscordAPIError && error.status === 401
      return isToken || failureOf(error) === 'unreachable' ? 'unreachable' : 'gone'
    }
  }

  /** Writes a post; where files may not be attached, its text and buttons all the same. */
  async #write<Result>(
    to: string,
    notice: Notice,
    write: (message: ReturnType<typeof payload>) => Promise<Result>,
  ): Promise<Result> {
    const nameOf = namesKnownTo(this.#connected())
    const whole = payload(notice, true, nameOf)
    try {
      return await write(whole)
    } catch (error) {
      if (whole.files.length === 0 || !isForbidden(error)) throw error
      const result = await write(payload(notice, false, nameOf))
      this.#logger.warn({ channel: to, missing: ['AttachFiles'] }, 'a post of moderation went without its files')
      return result
    }
  }

  async hasPost({ channelId, messageId }: PostPlace): Promise<Presence> {
    const { UnknownChannel, UnknownMessage } = RESTJSONErrorCodes
    return await this.#presenceAt(Routes.channelMessage(idOf(channelId), messageId), [UnknownChannel, UnknownMessage])
  }

  async hasPlace(groupId: string, channelId?: string): Promise<Presence> {
    const { UnknownChannel, UnknownGuild, MissingAccess } = RESTJSONErrorCodes
    if (channelId !== undefined) return await this.#presenceAt(Routes.channel(idOf(channelId)), [UnknownChannel])
    // Access to a server is missed only by who is not in it.
    return await this.#presenceAt(Routes.guild(idOf(groupId)), [UnknownGuild, MissingAccess])
  }

  async mayRead(channelId: string): Promise<Presence> {
    const { UnknownChannel, MissingAccess } = RESTJSONErrorCodes
    const channel = this.#client?.channels.cache.get(idOf(channelId))
    // Threads that rest are not remembered, nor what another shard hears of.
    if (channel === undefined) {
      const known = this.#answers.get(channelId)
      if (known !== undefined && performance.now() < known.untilMs) return known.presence
      const presence = await this.#presenceAt(Routes.channel(idOf(channelId)), [UnknownChannel, MissingAccess])
      if (presence !== 'unknown')
        this.#answers.set(channelId, { presence, untilMs: performance.now() + ANSWER_KNOWN_MS })
      return presence
    }
    if (channel.isDMBased() || !channel.guild.available) return 'unknown'
    return mayView(channel) ? 'there' : 'gone'
  }

  /** Asked of Discord itself: what the client remembers may be from before it went. */
  async #presenceAt(route: `/${string}`, gone: readonly RESTJSONErrorCodes[]): Promise<Presence> {
    try {
      await this.#connected().rest.get(route)
      return 'there'
    } catch (error) {
      return error instanceof DiscordAPIError && gone.some((code) => code === error.code) ? 'gone' : 'unknown'
    }
  }

  async act(action: AlertAction, post: PostPlace, alert: AlertPlace, userId: string): Promise<ActionOutcome> {
    try {
      const place = action === 'thread' ? alert.channelId : post.channelId
      const channel = await this.#guildChannel(idOf(place))
      if (channel === null) return 'gone'
      const refused = await whoMayNot(channel, idOf(userId), NEEDED[action])
      if (refused !== null) return refused
      if (action === 'time-out') {
        const tooLow = await whoStandsTooLow(channel.guild, idOf(userId), idOf(post.authorId))
        if (tooLow !== null) return tooLow
      }
      await this.#perform(action, channel, post, alert, await reasonFor(channel, idOf(userId), alert))
      return 'done'
    } catch (error) {
      return outcomeOf(error)
    }
  }

  async #perform(
    action: AlertAction,
    channel: GuildTextBasedChannel,
    post: PostPlace,
    alert: AlertPlace,
    reason: string,
  ): Promise<void> {
    switch (action) {
      case 'delete':
        // The manager of messages takes no reason.
        await this.#connected().rest.delete(Routes.channelMessage(channel.id, post.messageId), { reason })
        return
      case 'time-out': {
        const member = await channel.guild.members.fetch({ user: idOf(post.authorId), force: true })
        await member.timeout(TIME_OUT_MS, reason)
        return
      }
      case 'thread': {
        const message = await channel.messages.fetch(alert.reference)
        const name = alert.name.slice(0, MAX_THREAD_NAME_LENGTH)
        const thread = { name, autoArchiveDuration: THREAD_ARCHIVE_MINUTES, reason }
        await message.startThread(thread).catch((error: unknown) => {
          // Somebody has opened it, or a try before a crash.
          if (!isThreadThere(error)) throw error
        })
        return
      }
      default:
        assertNever(action)
    }
  }

  async #guildChannel(id: string): Promise<GuildTextBasedChannel | null> {
    const channel = await this.#connected().channels.fetch(id)
    return channel?.isTextBased() === true && !channel.isDMBased() ? channel : null
  }

  /** A channel, or the direct channel of a person. */
  async #sendable(id: string): Promise<SendableChannels> {
    const client = this.#connected()
    // The server may be that of another shard.
    const channel = await client.channels.fetch(id, { allowUnknownGuild: true }).catch((error: unknown) => {
      if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownChannel) return null
      throw error
    })
    if (channel !== null && isSendable(channel)) return channel
    return client.users.createDM(id)
  }

  #connected(): Client<true> {
    if (this.#client === null) throw new Error('there is no connection to Discord')
    return this.#client
  }
}

/** @returns null when both may */
async function whoMayNot(
  channel: GuildTextBasedChannel,
  userId: string,
  needed: bigint,
): Promise<ActionOutcome | null> {
  const { guild } = channel
  // Asked anew: without the intent for members nobody tells that a role was taken away.
  const member = await guild.members.fetch({ user: userId, force: true })
  if (!channel.permissionsFor(member).has(needed)) return 'person-may-not'
  const me = await guild.members.fetchMe({ force: true })
  return channel.permissionsFor(me).has(needed) ? null : 'bot-may-not'
}

/** What the server's own audit log says beside the bot's name: for whom it acted, and by which rule. */
async function reasonFor({ guild }: GuildTextBasedChannel, userId: string, { name }: AlertPlace): Promise<string> {
  const { user } = await guild.members.fetch(userId)
  // By whole characters: half of one cannot be sent.
  return [...`${user.username} (${userId}): ${name}`].slice(0, MAX_REASON_LENGTH).join('')
}

function isThreadThere(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage
}

function isForbidden(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.MissingPermissions
}

function outcomeOf(error: unknown): ActionOutcome {
  if (!(error instanceof DiscordAPIError)) return 'failed'
  if (GONE.has(error.code)) return 'gone'
  return error.status === 403 ? 'bot-may-not' : 'failed'
}

function payload(notice: Notice, mayAttach: boolean, nameOf: (id: string) => string) {
  const { content, files, components } = renderNotice(notice, mayAttach, nameOf)
  return {
    content,
    files: [...files],
    components: [...components],
    allowedMentions: NO_MENTIONS,
    flags: MessageFlags.SuppressEmbeds as const,
  }
}

/** Short enough for Discord, and of no other post: not of one with the same key in another channel either. */
function nonceOf(to: string, key: string): string {
  return createHash('sha256').update(`${to} ${key}`).digest('base64url').slice(0, MAX_NONCE_LENGTH)
}

function idOf(id: string): string {
  return id.slice(PLATFORM.length + 1)
}
