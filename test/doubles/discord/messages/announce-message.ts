// What the gateway hears of messages.
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits } from 'discord.js'
import type { MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { renderMessageEvent } from './render-message.ts'

type MessageEvent = GatewayDispatchEvents.MessageCreate | GatewayDispatchEvents.MessageUpdate

/** Sends MESSAGE_CREATE or MESSAGE_UPDATE. */
export function announceMessage(world: World, message: MessageState, event: MessageEvent): void {
  // An event shows the message as it is now, however late a session gets it.
  const rendered = [false, true].map((withContent) => renderMessageEvent(world, message, withContent))
  world.dispatch({
    event,
    ...whereOf(world, message),
    render: (withContent) => rendered[withContent ? 1 : 0],
  })
}

/** Sends MESSAGE_DELETE. */
export function announceDeletion(world: World, message: MessageState): void {
  const where = whereOf(world, message)
  const guild = where.guildId === null ? {} : { guild_id: where.guildId }
  world.dispatch({
    event: GatewayDispatchEvents.MessageDelete,
    ...where,
    render: () => ({ id: message.id, channel_id: message.channelId, ...guild }),
  })
}

/** Sends MESSAGE_DELETE_BULK for messages of one channel. */
export function announceDeletions(world: World, messages: readonly [MessageState, ...MessageState[]]): void {
  const [{ channelId }] = messages
  const where = whereOf(world, messages[0])
  const guild = where.guildId === null ? {} : { guild_id: where.guildId }
  const ids = messages.map(({ id }) => id)
  world.dispatch({
    event: GatewayDispatchEvents.MessageDeleteBulk,
    ...where,
    render: () => ({ ids, channel_id: channelId, ...guild }),
  })
}

/** Sends MESSAGE_REACTION_ADD or MESSAGE_REACTION_REMOVE. */
export function announceReaction(
  world: World,
  message: MessageState,
  reaction: { emoji: string; userId: string; isAdded: boolean },
): void {
  const channel = world.channel(message.channelId)
  const data = {
    user_id: reaction.userId,
    channel_id: channel.id,
    message_id: message.id,
    emoji: { id: null, name: reaction.emoji },
    burst: false,
    type: 0,
    ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
    ...(reaction.isAdded ? { message_author_id: message.authorId } : {}),
  }
  world.dispatch({
    event: reaction.isAdded ? GatewayDispatchEvents.MessageReactionAdd : GatewayDispatchEvents.MessageReactionRemove,
    intents:
      channel.type === ChannelType.DM
        ? GatewayIntentBits.DirectMessageReactions
        : GatewayIntentBits.GuildMessageReactions,
    guildId: channel.guildId,
    channelId: channel.id,
    render: () => data,
  })
}

/** Ephemeral messages go to the bot as if they were DMs. */
function whereOf(world: World, message: MessageState): { intents: number; guildId: string | null; channelId: string } {
  const { guildId, id: channelId } = world.channel(message.channelId)
  if (guildId === null || message.onlyFor !== null) {
    return { intents: GatewayIntentBits.DirectMessages, guildId: null, channelId }
  }
  return { intents: GatewayIntentBits.GuildMessages, guildId, channelId }
}
