// Who looks after a workspace: its owners and admins. Others are named in the settings.
import type { Logger } from '../../../src/logger.ts'
import { objectIn } from '../json.ts'
import { describeError } from '../slack-error.ts'
import type { Workspace } from '../workspace.ts'

/** True for an owner or admin of the workspace; anything that cannot be found out means no. */
export async function isModerator({ client }: Workspace, userId: string, logger: Logger): Promise<boolean> {
  try {
    const { user } = await client.users.info({ user: userId })
    const { is_admin: isAdmin, is_owner: isOwner } = objectIn(user)
    return isAdmin === true || isOwner === true
  } catch (error) {
    logger.info({ reason: describeError(error) }, 'it could not be found out whether somebody is an admin')
    return false
  }
}
