import type { Json } from '../json.ts'
import { permalinkOf } from '../web-api/chat-post.ts'
import type { Channel } from '../world/channel.ts'
import type { Message } from '../world/message.ts'
import type { World } from '../world/world.ts'
import { fileInMessageJson } from './file-json.ts'

/** A message as it stands in another one that links to it: the attachment that Slack makes of a link. */
export function attachedMessage(world: World, channel: Channel, message: Message): Json {
  const { ts, threadTs, authorId, teamId, text, files, blocks } = message
  const { domain } = world.workspaceOf(teamId)
  return {
    ts,
    author_id: authorId,
    channel_id: channel.id,
    channel_team: channel.teamId,
    channel_name: channel.name,
    is_msg_unfurl: true,
    from_url: permalinkOf(domain, channel.id, ts, threadTs),
    text,
    fallback: text,
    message_blocks: [{ team: channel.teamId, channel: channel.id, ts, message: { blocks: blocks ?? [] } }],
    ...(files.length === 0 ? {} : { files: files.map((file) => fileInMessageJson(world, file)) }),
  }
}
