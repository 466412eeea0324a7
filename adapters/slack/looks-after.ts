// Who looks after a workspace: its owners and admins, and the admins of the settings.
import { isNamedAdmin } from './access.ts'
import { objectIn } from './json.ts'
import { describeError } from './slack-error.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** True for an owner or admin of the workspace, or of the settings, whom those do not deny; anything that cannot be found out means no. */
export async function looksAfter({ options }: Talk, { client }: Workspace, userId: string): Promise<boolean> {
  if (options.access.users.deny.includes(userId)) return false
  if (isNamedAdmin(options.access, userId)) return true
  try {
    const { user } = await client.users.info({ user: userId })
    const { is_admin: isAdmin, is_owner: isOwner } = objectIn(user)
    return isAdmin === true || isOwner === true
  } catch (error) {
    options.logger.info({ reason: describeError(error) }, 'it could not be found out whether somebody is an admin')
    return false
  }
}
