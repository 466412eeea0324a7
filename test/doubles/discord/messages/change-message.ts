// A message changes or goes.
import {
  type APIAllowedMentions,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  GatewayDispatchEvents,
  MessageFlags,
} from 'discord.js'
import type { AttachmentState, MessageState } from '../world/state.ts'
import { requireOpenThread } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { announceDeletion, announceDeletions, announceMessage, announceReaction } from './announce-message.ts'
import { checkMessage } from './check-message.ts'
import { findMentions, recordPings } from './mentions.ts'

/** What of a message is to be different; a field left out stays, null empties it. */
export interface Edit {
  readonly content?: string | null | undefined
  readonly embeds?: APIEmbed[] | null | undefined
  readonly components?: APIMessageTopLevelComponent[] | null | undefined
  /** All attachments that the message has afterwards. */
  readonly attachments?: AttachmentState[] | undefined
  readonly flags?: number | null | undefined
  readonly allowedMentions?: APIAllowedMentions | undefined
}

/** Flags that an edit may set; SUPPRESS_EMBEDS may be unset as well. */
const SETTABLE = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2

/**
 * Edits a message. Whom it mentions is found anew, by the edit's own allowed_mentions or the default.
 * @throws ApiError as the API would
 */
export function editMessage(world: World, message: MessageState, edit: Edit): void {
  const channel = world.channel(message.channelId)
  requireOpenThread(channel, false)
  const wanted = (edit.flags ?? message.flags) & SETTABLE
  const kept = message.flags & ~MessageFlags.SuppressEmbeds & ~MessageFlags.Loading
  const parts = {
    content: edit.content === undefined ? message.content : (edit.content ?? ''),
    embeds: edit.embeds === undefined ? message.embeds : (edit.embeds ?? []),
    components: edit.components === undefined ? message.components : (edit.components ?? []),
    attachments: edit.attachments ?? message.attachments,
    flags: kept | wanted,
  }
  checkMessage(parts)
  const mentions = findMentions(world, {
    channel,
    authorId: message.authorId,
    content: parts.content,
    components: parts.components,
    allowed: edit.allowedMentions,
    isWebhook: message.origin !== undefined,
    repliedUserId: repliedUserOf(world, message),
  })
  const isBots = message.authorId === world.bot.id && message.onlyFor === null
  if (isBots && (edit.content !== undefined || edit.components !== undefined)) {
    recordPings(world, mentions, { id: message.id, channelId: channel.id, fromEdit: true })
  }
  Object.assign(message, parts, { mentions, editedMs: world.clock.now() })
  announceMessage(world, message, GatewayDispatchEvents.MessageUpdate)
}

/** Deletes a message with its files' addresses left as they are; Discord lets them expire too. */
export function deleteMessage(world: World, message: MessageState): void {
  const { thread } = world.channel(message.channelId)
  if (thread !== null) thread.messageCount -= 1
  world.removeMessage(message.id)
  announceDeletion(world, message)
}

/** Deletes all messages of somebody in some channels, as a ban does it: each channel's in one event. */
export function deleteMessagesOf(world: World, userId: string, channelIds: readonly string[]): void {
  for (const channelId of channelIds) {
    const [first, ...others] = world.messagesOf(channelId).filter(({ authorId }) => authorId === userId)
    if (first === undefined) continue
    for (const { id } of [first, ...others]) world.removeMessage(id)
    announceDeletions(world, [first, ...others])
  }
}

/** Adds a reaction; one that is there already changes nothing. */
export function addReaction(world: World, message: MessageState, emoji: string, userId: string): void {
  const userIds = message.reactions.get(emoji) ?? new Set<string>()
  if (userIds.has(userId)) return
  message.reactions.set(emoji, userIds.add(userId))
  announceReaction(world, message, { emoji, userId, isAdded: true })
}

/** Takes a reaction off; one that is not there changes nothing. */
export function removeReaction(world: World, message: MessageState, emoji: string, userId: string): void {
  if (!message.reactions.get(emoji)?.delete(userId)) return
  announceReaction(world, message, { emoji, userId, isAdded: false })
}

/** A reply that notified its addressee goes on mentioning them unless the edit says otherwise. */
function repliedUserOf(world: World, message: MessageState): string | null {
  if (message.reference === undefined || message.snapshot !== undefined) return null
  return world.findMessage(message.reference.message_id ?? '')?.authorId ?? null
}
