// Whom the operator lets use the bot, where, and who has a say beyond their own conversations.
import type { ButtonInteraction, Client } from 'discord.js'
import type { AccessList, DiscordSettings } from './settings.ts'
import type { Command } from './written-wish.ts'

/** Who wants something, and where, by Discord's ids. */
export interface Visitor {
  readonly userId: string
  /** Empty in a direct channel. */
  readonly roleIds: readonly string[]
  /** Null in a direct channel. */
  readonly guildId: string | null
  /** The channel, and the one above it for a thread. */
  readonly channelIds: readonly string[]
}

/** True when the operator's lists let them in. Guild, channel and role lists are not asked in a direct channel. */
export function isWelcome(settings: DiscordSettings, visitor: Visitor): boolean {
  if (!passes(settings.users, [visitor.userId])) return false
  if (visitor.guildId === null) return settings.directMessages
  return (
    passes(settings.guilds, [visitor.guildId]) &&
    passes(settings.channels, visitor.channelIds) &&
    passes(settings.roles, visitor.roleIds)
  )
}

/** True for an admin of the settings. Whoever is denied is none. */
export function isAdmin(settings: DiscordSettings, visitor: Visitor): boolean {
  if (isDenied(settings, visitor)) return false
  const { admins } = settings
  return admins.users.includes(visitor.userId) || visitor.roleIds.some((id) => admins.roles.includes(id))
}

/** True for whoever the settings deny everything, by id or by a role, also where the server lets them moderate. */
export function isDenied({ users, roles }: DiscordSettings, { userId, roleIds }: Visitor): boolean {
  return users.deny.includes(userId) || roleIds.some((id) => roles.deny.includes(id))
}

/** Who uses a command or presses a button, and where. */
export function visitorOf(client: Client, interaction: Command | ButtonInteraction): Visitor {
  const { channelId, guildId, member, user } = interaction
  const channel = client.channels.cache.get(channelId)
  const parentId = channel?.isThread() ? channel.parentId : null
  const roles = member?.roles ?? []
  return {
    userId: user.id,
    guildId,
    roleIds: Array.isArray(roles) ? roles : [...roles.cache.keys()],
    channelIds: parentId === null ? [channelId] : [channelId, parentId],
  }
}

function passes({ allow, deny }: AccessList, ids: readonly string[]): boolean {
  if (ids.some((id) => deny.includes(id))) return false
  return allow.length === 0 || ids.some((id) => allow.includes(id))
}
