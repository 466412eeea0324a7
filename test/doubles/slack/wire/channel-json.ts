import type { Json } from '../json.ts'
import type { Channel } from '../world/channel.ts'
import { botIsIn, type Workspace } from '../world/workspace.ts'

/** The conversation object of `conversations.info` and `conversations.open`. */
export function channelJson(workspace: Workspace, channel: Channel): Json {
  const common = {
    id: channel.id,
    is_channel: channel.kind === 'channel',
    is_group: channel.kind === 'group',
    is_im: channel.kind === 'im',
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'channel',
    is_archived: channel.isArchived,
    is_ext_shared: channel.isExternallyShared,
    is_shared: channel.isExternallyShared,
    is_org_shared: false,
    context_team_id: workspace.id,
  }
  if (channel.kind !== 'im') return { ...common, name: channel.name, is_member: botIsIn(workspace, channel) }
  const other = [...channel.members].find((id) => id !== workspace.botUser.id)
  return { ...common, user: other, is_open: true }
}
