// Who may do what where: roles, then the channel's overwrites; a thread asks its parent.
// https://discord.com/developers/docs/topics/permissions
import { ChannelType, OverwriteType, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { ChannelState, GuildState } from './state.ts'
import type { World } from './world.ts'

const ALL = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n)

/** Name of a permission as discord.js spells it. */
export type PermissionName = keyof typeof PermissionFlagsBits

/** What @everyone may do in a guild that somebody has just made. */
export const DEFAULT_PERMISSIONS = permissionBits(
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'CreatePrivateThreads',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'MentionEveryone',
  'AddReactions',
  'UseExternalEmojis',
  'UseApplicationCommands',
  'UseExternalApps',
  'ChangeNickname',
  'CreateInstantInvite',
  'Connect',
  'Speak',
)

/** The bits of some permissions. */
export function permissionBits(...names: readonly PermissionName[]): bigint {
  return names.reduce((bits, name) => bits | PermissionFlagsBits[name], 0n)
}

/** What a member may do in a guild apart from channels; nothing for somebody who is no member. */
export function guildPermissions(guild: GuildState, userId: string): bigint {
  const member = guild.members.get(userId)
  if (member === undefined) return 0n
  if (guild.ownerId === userId) return ALL
  const granted = [guild.id, ...member.roleIds].reduce(
    (bits, id) => bits | (guild.roles.get(id)?.permissions ?? 0n),
    0n,
  )
  return granted & PermissionFlagsBits.Administrator ? ALL : granted
}

/** What a user may do in a channel, a thread or a DM. */
export function permissionsIn(world: World, channel: ChannelState, userId: string): bigint {
  const guild = world.guildOf(channel)
  if (guild === null) {
    return channel.recipientIds.includes(userId) || userId === world.bot.id ? DEFAULT_PERMISSIONS : 0n
  }
  if (channel.thread === null) return withoutImpliedDenials(grantedIn(channel, guild, userId))
  return withoutImpliedDenials(grantedInThread(world, channel, guild, userId))
}

function grantedIn(channel: ChannelState, guild: GuildState, userId: string): bigint {
  const granted = guildPermissions(guild, userId)
  return granted === ALL || granted === 0n ? granted : applyOverwrites(channel, guild, userId, granted)
}

/** SendMessages has no effect in threads, SendMessagesInThreads takes its place; private threads show to members only. */
function grantedInThread(world: World, channel: ChannelState, guild: GuildState, userId: string): bigint {
  const granted = grantedIn(world.channel(channel.parentId!), guild, userId)
  const isPrivate = channel.type === ChannelType.PrivateThread
  const isInside = channel.thread!.memberIds.has(userId) || (granted & PermissionFlagsBits.ManageThreads) !== 0n
  if (isPrivate && !isInside) return 0n
  const maySend = (granted & PermissionFlagsBits.SendMessagesInThreads) !== 0n
  return maySend ? granted | PermissionFlagsBits.SendMessages : granted & ~PermissionFlagsBits.SendMessages
}

function applyOverwrites(channel: ChannelState, guild: GuildState, userId: string, base: bigint): bigint {
  const roleIds = guild.members.get(userId)!.roleIds
  const { overwrites } = channel
  const steps = [
    overwrites.filter(({ id }) => id === guild.id),
    overwrites.filter(({ id, type }) => type === OverwriteType.Role && roleIds.includes(id)),
    overwrites.filter(({ id, type }) => type === OverwriteType.Member && id === userId),
  ]
  return steps.reduce((bits, step) => {
    const deny = step.reduce((all, one) => all | BigInt(one.deny), 0n)
    const allow = step.reduce((all, one) => all | BigInt(one.allow), 0n)
    return (bits & ~deny) | allow
  }, base)
}

/** Who cannot view a channel can do nothing in it; who cannot send can attach and mention nothing. */
function withoutImpliedDenials(bits: bigint): bigint {
  if (!(bits & PermissionFlagsBits.ViewChannel)) return 0n
  if (bits & PermissionFlagsBits.SendMessages) return bits
  return bits & ~permissionBits('MentionEveryone', 'EmbedLinks', 'AttachFiles')
}

/** True when the user has every permission named. */
export function may(world: World, channel: ChannelState, userId: string, ...names: readonly PermissionName[]): boolean {
  const needed = permissionBits(...names)
  return (permissionsIn(world, channel, userId) & needed) === needed
}

/**
 * Lets the bot go on only with these permissions.
 * @throws ApiError 50001 when it cannot even view the channel, else 50013
 */
export function requireBot(world: World, channel: ChannelState, ...names: readonly PermissionName[]): void {
  if (!may(world, channel, world.bot.id, 'ViewChannel')) throw apiError(RESTJSONErrorCodes.MissingAccess)
  if (!may(world, channel, world.bot.id, ...names)) throw apiError(RESTJSONErrorCodes.MissingPermissions)
}
