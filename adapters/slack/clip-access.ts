// Whether a person may see the post of a clip that a conversation holds.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { Request } from '../../src/conversation/message.ts'
import type { Logger } from '../../src/logger.ts'
import { parseHandle } from './parse-files.ts'
import { idOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Workspaces } from './workspaces.ts'

/**
 * True for a clip of the conversation's own channel and for one that was given to the conversation itself; for one that a
 * link brought from elsewhere Slack is asked. Anything that cannot be found out means no. Never rejects.
 */
export async function maySeeClip(
  { handle }: IncomingClip,
  { channelId, userId }: Request,
  workspaces: Workspaces,
  logger: Logger,
): Promise<boolean> {
  const place = parseHandle(handle)
  if (place === null) return false
  const { teamId, channel } = place
  if (channel === undefined || channelId === idOf(teamId, channel)) return true
  const before = idOf(teamId, '')
  // Who comes from another workspace of Valley has an id of that one.
  if (!userId.startsWith(before)) return false
  try {
    const { readers } = await workspaces.byTeam(teamId)
    return await readers.mayRead(userId.slice(before.length), channel)
  } catch (error) {
    logger.info({ channel, reason: describeError(error) }, 'clip hidden: Slack does not tell who may see it')
    return false
  }
}
