// Whom the operator lets use Valley, where, and whom the settings name as admins.
import { isDirect } from './place.ts'
import type { AccessList, SlackAccess } from './settings.ts'

/** Who wants something, and where, by Slack's ids. */
export interface Visitor {
  readonly userId: string
  /** The workspace that Valley is installed in, and the person's own where that is another one. */
  readonly teamIds: readonly string[]
  /** Undefined for a wish that comes from no channel and is answered in a direct message. */
  readonly channel: string | undefined
}

const ALL: AccessList = { allow: [], deny: [] }

/** Everybody, everywhere. */
export const OPEN_ACCESS: SlackAccess = {
  workspaces: ALL,
  channels: ALL,
  users: ALL,
  admins: { users: [] },
  directMessages: true,
}

/** True when the operator's lists let them in. The list of channels is not asked in a direct message. */
export function isWelcome(access: SlackAccess, { userId, teamIds, channel }: Visitor): boolean {
  const { workspaces, channels, users, directMessages } = access
  if (!passes(users, userId) || !teamIds.every((teamId) => passes(workspaces, teamId))) return false
  return channel === undefined || isDirect(channel) ? directMessages : passes(channels, channel)
}

/** True for an admin of the settings. Whoever is denied is none. */
export function isNamedAdmin({ admins, users }: SlackAccess, userId: string): boolean {
  return admins.users.includes(userId) && !users.deny.includes(userId)
}

function passes({ allow, deny }: AccessList, id: string): boolean {
  return !deny.includes(id) && (allow.length === 0 || allow.includes(id))
}
