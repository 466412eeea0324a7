import type { Channel } from './channel.ts'
import type { Workspace } from './workspace.ts'
import type { World } from './world.ts'

/** The conversation of the bot with one person, made when it is first wanted. */
export function directMessageWith(world: World, workspace: Workspace, userId: string): Channel {
  const found = [...workspace.channels.values()].find(({ kind, members: own }) => kind === 'im' && own.has(userId))
  if (found !== undefined) return found
  const channel: Channel = {
    id: world.identifiers.next('D'),
    teamId: workspace.id,
    name: 'directmessage',
    kind: 'im',
    members: new Set([userId, workspace.botUser.id]),
    messages: [],
    ephemerals: [],
    isExternallyShared: false,
    isArchived: false,
  }
  workspace.channels.set(channel.id, channel)
  return channel
}
