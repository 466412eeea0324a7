// Guilds come into being, people and the bot come and go.
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits, type OverwriteType } from 'discord.js'
import { renderGuildCreate } from '../gateway/ready.ts'
import { DEFAULT_PERMISSIONS, type PermissionName, permissionBits } from './permissions.ts'
import { renderChannel, renderRole } from './render.ts'
import type { ChannelState, GuildState, RoleState } from './state.ts'
import type { World } from './world.ts'

/** The least that an app like ours asks for when it is invited. */
export const INVITED_PERMISSIONS: readonly PermissionName[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'ReadMessageHistory',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
]

/** Founds a guild with an owner, without the bot. */
export function foundGuild(world: World, name: string, ownerId: string, locale: string): GuildState {
  const id = world.ids.next()
  const everyone = { id, name: '@everyone', permissions: DEFAULT_PERMISSIONS, mentionable: false }
  const guild: GuildState = { id, name, ownerId, locale, roles: new Map([[id, everyone]]), members: new Map() }
  world.guilds.set(id, guild)
  addMember(world, guild, ownerId)
  return guild
}

/** Makes somebody a member. */
export function addMember(world: World, guild: GuildState, userId: string): void {
  guild.members.set(userId, { user: world.user(userId), roleIds: [], joinedMs: world.clock.now() })
}

/** Adds a role, and tells the bot of it. */
export function addRole(world: World, guild: GuildState, role: RoleState): void {
  guild.roles.set(role.id, role)
  const data = { guild_id: guild.id, role: renderRole(role, guild.roles.size - 1) }
  world.dispatch({
    event: GatewayDispatchEvents.GuildRoleCreate,
    intents: GatewayIntentBits.Guilds,
    guildId: guild.id,
    channelId: null,
    render: () => data,
  })
}

/** Installs the app: the bot joins with a role of its own. */
export function installBot(world: World, guild: GuildState, permissions = INVITED_PERMISSIONS): void {
  const id = world.ids.next()
  const role = { id, name: world.bot.username, permissions: permissionBits(...permissions), mentionable: false }
  guild.roles.set(id, { ...role, botId: world.bot.id })
  addMember(world, guild, world.bot.id)
  guild.members.get(world.bot.id)!.roleIds.push(id)
  const data = renderGuildCreate(world, guild)
  world.dispatch({
    event: GatewayDispatchEvents.GuildCreate,
    intents: GatewayIntentBits.Guilds,
    guildId: guild.id,
    channelId: null,
    render: () => data,
  })
}

/** Removes the bot, as a kick does. */
export function removeBot(world: World, guild: GuildState): void {
  world.dispatch({
    event: GatewayDispatchEvents.GuildDelete,
    intents: GatewayIntentBits.Guilds,
    guildId: guild.id,
    channelId: null,
    render: () => ({ id: guild.id }),
  })
  guild.members.delete(world.bot.id)
}

/** Adds a channel to a guild. */
export function addChannel(world: World, guild: GuildState, name: string, type = ChannelType.GuildText): ChannelState {
  const channel: ChannelState = {
    id: world.ids.next(),
    type,
    guildId: guild.id,
    name,
    parentId: null,
    overwrites: [],
    recipientIds: [],
    thread: null,
    lastMessageId: null,
  }
  world.channels.set(channel.id, channel)
  announceChannel(world, channel, GatewayDispatchEvents.ChannelCreate)
  return channel
}

/** Takes a channel away with all its messages and threads. */
export function removeChannel(world: World, channel: ChannelState): void {
  announceChannel(world, channel, GatewayDispatchEvents.ChannelDelete)
  const inside = [...world.channels.values()].filter(({ parentId }) => parentId === channel.id)
  for (const { id } of [channel, ...inside]) {
    for (const message of world.messagesOf(id)) world.removeMessage(message.id)
    world.channels.delete(id)
  }
}

/** Allows or denies permissions in one channel, for a role or a member. */
export function overwritePermissions(
  world: World,
  channel: ChannelState,
  target: { readonly id: string; readonly type: OverwriteType },
  change: { readonly allow?: readonly PermissionName[]; readonly deny?: readonly PermissionName[] },
): void {
  const index = channel.overwrites.findIndex(({ id }) => id === target.id)
  const before = channel.overwrites[index] ?? { ...target, allow: '0', deny: '0' }
  const allow = permissionBits(...(change.allow ?? []))
  const deny = permissionBits(...(change.deny ?? []))
  const after = {
    ...target,
    allow: String((BigInt(before.allow) & ~deny) | allow),
    deny: String((BigInt(before.deny) & ~allow) | deny),
  }
  channel.overwrites.splice(index === -1 ? channel.overwrites.length : index, index === -1 ? 0 : 1, after)
  announceChannel(world, channel, GatewayDispatchEvents.ChannelUpdate)
}

function announceChannel(
  world: World,
  channel: ChannelState,
  event:
    | GatewayDispatchEvents.ChannelCreate
    | GatewayDispatchEvents.ChannelUpdate
    | GatewayDispatchEvents.ChannelDelete,
): void {
  const data = renderChannel(world, channel)
  world.dispatch({
    event,
    intents: GatewayIntentBits.Guilds,
    guildId: channel.guildId,
    // A bot hears of all channels of its guilds, also of those that it cannot view.
    channelId: null,
    render: () => data,
  })
}
