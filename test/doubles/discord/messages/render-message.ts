// A message as the API shows it, and what is left of it for an app without the message content intent.
// https://discord.com/developers/docs/events/gateway#message-content-intent
import {
  type APIMessage,
  type APIMessageSnapshotFields,
  ApplicationIntegrationType,
  InteractionType,
  MessageFlags,
} from 'discord.js'
import { toTimestamp } from '../world/clock.ts'
import { renderMember } from '../world/render.ts'
import type { MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { renderAttachment, signedUrl } from './attachments.ts'

const ATTACHMENT_SCHEME = 'attachment://'

/**
 * The message as an API object; attachments carry fresh addresses.
 * @param withContent whether the app may read what others write
 */
export function renderMessage(world: World, message: MessageState, withContent: boolean): APIMessage {
  const shown = renderWithoutReference(world, message, withContent)
  const { reference } = message
  if (reference === undefined || message.snapshot !== undefined) return shown
  const referenced = world.findMessage(reference.message_id ?? '')
  // As documented, null tells that the message was deleted. The message content rule is applied to it for itself.
  return {
    ...shown,
    referenced_message: referenced === undefined ? null : renderWithoutReference(world, referenced, withContent),
  }
}

/** The extra fields of MESSAGE_CREATE and MESSAGE_UPDATE. */
export function renderMessageEvent(world: World, message: MessageState, withContent: boolean): object {
  const rendered = renderMessage(world, message, withContent)
  const channel = world.channel(message.channelId)
  const guild = world.guildOf(channel)
  if (guild === null || message.onlyFor !== null) return { ...rendered, channel_type: channel.type }
  const memberOf = (userId: string) => {
    const member = guild.members.get(userId)
    return member === undefined ? {} : { member: { ...renderMember(member), user: undefined } }
  }
  return {
    ...rendered,
    guild_id: guild.id,
    channel_type: channel.type,
    ...memberOf(message.authorId),
    mentions: rendered.mentions.map((user) => ({ ...user, ...memberOf(user.id) })),
  }
}

/** True for what an app may read without the intent: its own, DMs, and what mentions it. */
function isExempt(world: World, message: MessageState): boolean {
  if (message.authorId === world.bot.id) return true
  if (world.channels.get(message.channelId)?.guildId === null) return true
  return message.mentions.userIds.includes(world.bot.id)
}

function renderWithoutReference(world: World, message: MessageState, withContent: boolean): APIMessage {
  const mayRead = withContent || isExempt(world, message)
  const hasThread = world.channels.get(message.id)
  const reactions = [...message.reactions].filter(([, userIds]) => userIds.size > 0)
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: world.user(message.authorId),
    timestamp: toTimestamp(message.createdMs),
    edited_timestamp: message.editedMs === null ? null : toTimestamp(message.editedMs),
    tts: false,
    pinned: false,
    mention_everyone: message.mentions.everyone,
    mentions: message.mentions.userIds.map((id) => world.user(id)),
    mention_roles: [...message.mentions.roleIds],
    flags: (message.flags | (hasThread === undefined ? 0 : MessageFlags.HasThread)) as MessageFlags,
    ...(mayRead ? renderContent(world, message) : { content: '', embeds: [], attachments: [], components: [] }),
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.reference === undefined ? {} : { message_reference: message.reference }),
    ...(message.snapshot === undefined ? {} : { message_snapshots: [renderSnapshot(world, message, mayRead)] }),
    ...(reactions.length === 0 ? {} : { reactions: reactions.map((one) => renderReaction(world, ...one)) }),
    ...renderOrigin(world, message),
  }
}

function renderContent(
  world: World,
  message: MessageState,
): Pick<APIMessage, 'content' | 'embeds' | 'attachments' | 'components'> {
  const embedded = new Set<string>()
  const resolve = (value: unknown): unknown => resolveAttachments(world, message, value, embedded)
  const embeds = resolve(message.embeds) as APIMessage['embeds']
  const components = resolve(message.components) as NonNullable<APIMessage['components']>
  // What an embed or a component shows is not listed once more.
  const listed = message.attachments.filter(({ name }) => !embedded.has(name))
  return {
    content: message.content,
    embeds,
    components,
    attachments: listed.map((one) => renderAttachment(world, one)),
  }
}

/** Puts real addresses where a message refers to its own files by name. */
function resolveAttachments(world: World, message: MessageState, value: unknown, embedded: Set<string>): unknown {
  if (typeof value === 'string' && value.startsWith(ATTACHMENT_SCHEME)) {
    const name = value.slice(ATTACHMENT_SCHEME.length)
    const attachment = message.attachments.find((one) => one.name === name)
    if (attachment === undefined) return value
    embedded.add(name)
    return signedUrl(world, attachment)
  }
  if (Array.isArray(value)) return value.map((one: unknown) => resolveAttachments(world, message, one, embedded))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, one]: [string, unknown]) => [key, resolveAttachments(world, message, one, embedded)]),
  )
}

function renderSnapshot(world: World, message: MessageState, mayRead: boolean): { message: APIMessageSnapshotFields } {
  const inner = renderWithoutReference(world, message.snapshot!, true)
  const { type, timestamp, edited_timestamp, flags, mentions, mention_roles } = inner
  const { content, embeds, attachments, components } = inner
  const readable = mayRead
    ? { content, embeds, attachments, components: components ?? [] }
    : { content: '', embeds: [], attachments: [], components: [] }
  return {
    message: {
      type,
      timestamp,
      edited_timestamp,
      mentions,
      mention_roles,
      flags: flags ?? (0 as MessageFlags),
      ...readable,
    },
  }
}

function renderReaction(world: World, emoji: string, userIds: ReadonlySet<string>) {
  return {
    count: userIds.size,
    count_details: { burst: 0, normal: userIds.size },
    me: userIds.has(world.bot.id),
    me_burst: false,
    emoji: { id: null, name: emoji },
    burst_colors: [],
  }
}

function renderOrigin(world: World, message: MessageState): Partial<APIMessage> {
  const { origin } = message
  if (origin === undefined) return {}
  const user = world.user(origin.userId)
  const metadata = { id: origin.interactionId, type: origin.type, user, authorizing_integration_owners: OWNERS }
  return {
    application_id: world.applicationId,
    webhook_id: world.applicationId,
    ...(origin.isOriginal && origin.type === InteractionType.ApplicationCommand
      ? { interaction_metadata: { ...metadata, type: origin.type } }
      : {}),
  }
}

const OWNERS = { [ApplicationIntegrationType.GuildInstall]: '0' }
