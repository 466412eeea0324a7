// Whom the operator lets use the bot, and where.
import type { AccessList, DiscordSettings } from './settings.ts'

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

function passes({ allow, deny }: AccessList, ids: readonly string[]): boolean {
  if (ids.some((id) => deny.includes(id))) return false
  return allow.length === 0 || ids.some((id) => allow.includes(id))
}
