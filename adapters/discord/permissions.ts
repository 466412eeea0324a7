// Who may see what: who may see a post decides who may ask about its clip.
import {
  type AnyThreadChannel,
  type Channel,
  ChannelType,
  type Client,
  PermissionFlagsBits,
  type PermissionsBitField,
  type SendableChannels,
} from 'discord.js'

const THREADS =
  PermissionFlagsBits.ViewChannel | PermissionFlagsBits.CreatePublicThreads | PermissionFlagsBits.SendMessagesInThreads
const READ = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory

/**
 * True when a person may read the posts of a channel, asked of Discord where it is not known. Anything that cannot be found
 * out means no.
 */
export async function mayRead(client: Client, userId: string, channelId: string): Promise<boolean> {
  const channel = await client.channels.fetch(channelId).catch(() => null)
  if (channel === null) return false
  if (channel.isDMBased()) return 'recipientId' in channel && channel.recipientId === userId
  // Asked anew: without the intent for members nobody tells that a role was taken away.
  const member = await channel.guild.members.fetch({ user: userId, force: true }).catch(() => null)
  if (member === null) return false
  // Null for a thread whose channel is not known, although its type does not say so.
  const permissions = channel.permissionsFor(member) as Readonly<PermissionsBitField> | null
  if (!permissions?.has(READ)) return false
  if (!channel.isThread() || channel.type !== ChannelType.PrivateThread) return true
  return mayEnter(channel, userId, permissions)
}

/** A private thread shows to those inside and to those who look after threads. */
async function mayEnter(thread: AnyThreadChannel, userId: string, own: Readonly<PermissionsBitField>) {
  if (own.has(PermissionFlagsBits.ManageThreads)) return true
  return (await thread.members.fetch({ member: userId, force: true }).catch(() => null)) !== null
}

/** What the bot may do in a channel; null in a direct channel, where nothing is forbidden. */
function ownPermissions(channel: Channel): Readonly<PermissionsBitField> | null {
  if (channel.isDMBased()) return null
  const { me } = channel.guild.members
  return me === null ? null : channel.permissionsFor(me)
}

/** True when the bot hears what is posted in a channel. */
export function mayView(channel: Channel): boolean {
  return ownPermissions(channel)?.has(PermissionFlagsBits.ViewChannel) ?? true
}

/** Names of permissions that the bot lacks to answer in a channel. */
export function missingToAnswer(channel: Channel): string[] {
  const own = ownPermissions(channel)
  if (own === null) return []
  const send = channel.isThread() ? ('SendMessagesInThreads' as const) : ('SendMessages' as const)
  return own.missing(['ViewChannel', send])
}

/** True when the bot may attach files. */
export function mayAttach(channel: Channel): boolean {
  return ownPermissions(channel)?.has([PermissionFlagsBits.ViewChannel, PermissionFlagsBits.AttachFiles]) ?? true
}

/** True when the bot may refer to older posts; without it Discord refuses replies. */
export function mayReply(channel: Channel): boolean {
  return ownPermissions(channel)?.has(PermissionFlagsBits.ReadMessageHistory) ?? true
}

/** True when the bot may open a thread in a channel and write in it. */
export function mayOpenThread(channel: Channel): boolean {
  const own = ownPermissions(channel)
  return own?.has(THREADS) ?? false
}

/** True when a member may take other people's posts away there, and so stop answers. */
export function mayModerate(permissions: Readonly<PermissionsBitField> | null): boolean {
  return permissions?.has(PermissionFlagsBits.ManageMessages) ?? false
}

/** True for a channel that the bot can post in, as far as its kind goes. */
export function isSendable(channel: Channel | null): channel is SendableChannels {
  return channel?.isSendable() ?? false
}
