// A message comes into the world, whoever writes it.
import {
  type APIAllowedMentions,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  GatewayDispatchEvents,
  MessageFlags,
  MessageReferenceType,
  MessageType,
} from 'discord.js'
import { invalidField } from '../http/api-error.ts'
import type { AttachmentState, ChannelState, MessageOrigin, MessageState } from '../world/state.ts'
import { joinThread, requireOpenThread, wakeThread } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { announceMessage } from './announce-message.ts'
import { checkMessage, checkNonce } from './check-message.ts'
import { findMentions, recordPings } from './mentions.ts'

/** "Within the past few minutes", as enforce_nonce is documented. */
const NONCE_WINDOW_MS = 5 * 60_000

/** A message to be posted. */
export interface Draft {
  /** Default: a new one. */
  readonly id?: string
  readonly channel: ChannelState
  readonly authorId: string
  readonly content?: string
  readonly embeds?: APIEmbed[]
  readonly components?: APIMessageTopLevelComponent[]
  readonly attachments?: AttachmentState[]
  readonly flags?: number
  readonly nonce?: string | number
  readonly enforceNonce?: boolean
  readonly allowedMentions?: APIAllowedMentions
  /** The message that this one replies to; unknown ones are refused unless `failIfMissing` is false. */
  readonly replyTo?: { readonly messageId: string; readonly failIfMissing: boolean }
  /** The message that this one forwards. */
  readonly forward?: MessageState
  readonly origin?: MessageOrigin
  readonly onlyFor?: string
  readonly type?: MessageType
}

/**
 * Posts a message: checks it, finds whom it notifies, tells the gateway.
 * @returns the new message, or the earlier one when the nonce is enforced and known
 * @throws ApiError as the API would
 */
export function postMessage(world: World, draft: Draft): MessageState {
  const { channel, authorId } = draft
  checkNonce(draft.nonce)
  const earlier = draft.enforceNonce ? findByNonce(world, authorId, draft.nonce) : undefined
  if (earlier !== undefined) return earlier
  requireOpenThread(channel, true)

  const replied = findReplied(world, draft)
  const parts = {
    content: draft.content ?? '',
    embeds: draft.embeds ?? [],
    components: draft.components ?? [],
    attachments: draft.attachments ?? [],
    flags: draft.flags ?? 0,
  }
  // A forward and a message that is still to come have nothing of their own.
  if (draft.forward === undefined && !(parts.flags & MessageFlags.Loading)) checkMessage(parts)
  const mentions = findMentions(world, {
    channel,
    authorId,
    content: parts.content,
    components: parts.components,
    allowed: draft.allowedMentions,
    isWebhook: draft.origin !== undefined,
    repliedUserId: replied?.authorId ?? null,
  })
  const message: MessageState = {
    id: draft.id ?? world.ids.next(),
    channelId: channel.id,
    authorId,
    type: draft.type ?? (replied === undefined ? MessageType.Default : MessageType.Reply),
    ...parts,
    createdMs: world.clock.now(),
    editedMs: null,
    nonce: draft.nonce,
    reference: referenceOf(channel, replied, draft.forward),
    snapshot: draft.forward,
    mentions,
    reactions: new Map(),
    origin: draft.origin,
    onlyFor: draft.onlyFor ?? null,
  }
  publish(world, channel, message)
  return message
}

/** Adds a message that is known to be right, and tells the gateway. */
export function publish(world: World, channel: ChannelState, message: MessageState): void {
  world.addMessage(message)
  if (message.onlyFor === null) {
    channel.lastMessageId = message.id
    if (channel.thread !== null) {
      wakeThread(world, channel)
      joinThread(world, channel, message.authorId)
      channel.thread.messageCount += 1
    }
    if (message.authorId === world.bot.id) {
      recordPings(world, message.mentions, { id: message.id, channelId: channel.id, fromEdit: false })
    }
  }
  announceMessage(world, message, GatewayDispatchEvents.MessageCreate)
}

function findByNonce(world: World, authorId: string, nonce: string | number | undefined): MessageState | undefined {
  if (nonce === undefined) return undefined
  const since = world.clock.now() - NONCE_WINDOW_MS
  return world.findLastMessage(
    (one) => one.authorId === authorId && String(one.nonce) === String(nonce) && one.createdMs >= since,
  )
}

function findReplied(world: World, draft: Draft): MessageState | undefined {
  if (draft.replyTo === undefined) return undefined
  const replied = world.findMessage(draft.replyTo.messageId)
  if (replied !== undefined && replied.channelId === draft.channel.id) return replied
  if (!draft.replyTo.failIfMissing) return undefined
  throw invalidField('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message')
}

function referenceOf(
  channel: ChannelState,
  replied: MessageState | undefined,
  forwarded: MessageState | undefined,
): MessageState['reference'] {
  const target = replied ?? forwarded
  if (target === undefined) return undefined
  return {
    type: forwarded === undefined ? MessageReferenceType.Default : MessageReferenceType.Forward,
    message_id: target.id,
    channel_id: target.channelId,
    ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
  }
}
