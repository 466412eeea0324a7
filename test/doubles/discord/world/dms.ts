// Direct messages between the bot and one person.
import { ChannelType } from 'discord.js'
import type { ChannelState } from './state.ts'
import type { World } from './world.ts'

/** The DM with a person; there is only one, made when it is first needed. */
export function openDm(world: World, userId: string): ChannelState {
  const known = [...world.channels.values()].find(
    ({ type, recipientIds }) => type === ChannelType.DM && recipientIds.includes(userId),
  )
  if (known !== undefined) return known
  const channel: ChannelState = {
    id: world.ids.next(),
    type: ChannelType.DM,
    guildId: null,
    name: '',
    parentId: null,
    overwrites: [],
    recipientIds: [userId],
    thread: null,
    lastMessageId: null,
  }
  world.channels.set(channel.id, channel)
  return channel
}
