import type { Json } from '../json.ts'
import { type Channel, repliesTo } from '../world/channel.ts'
import type { Message } from '../world/message.ts'
import type { Workspace } from '../world/workspace.ts'
import type { World } from '../world/world.ts'
import { fileInMessageJson } from './file-json.ts'

/** Slackbot, under whose name a tombstone stands. */
const SLACKBOT = 'USLACKBOT'

/**
 * The message as `conversations.history`, `conversations.replies` and interactive payloads carry it; a tombstone for one that
 * was deleted.
 */
export function messageJson(world: World, channel: Channel, message: Message): Json {
  if (message.isDeleted) return tombstoneJson(channel, message)
  const workspace = world.workspaceOf(message.teamId)
  return {
    ...contentJson(world, message),
    ...threadJson(channel, message),
    ...(message.botId === null ? {} : botJson(world, workspace, message)),
    ...(message.reactions.size === 0 ? {} : { reactions: reactionsJson(message) }),
  }
}

/** The message as its own event carries it: as it is posted, without what came later. */
export function postedMessageJson(world: World, channel: Channel, message: Message): Json {
  const workspace = world.workspaceOf(message.teamId)
  const parent = message.threadTs === null ? undefined : world.messageAt(channel, message.threadTs)
  return {
    ...contentJson(world, message),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs, parent_user_id: parent?.authorId }),
    ...(message.botId === null ? {} : botJson(world, workspace, message)),
  }
}

function tombstoneJson(channel: Channel, message: Message): Json {
  const { ts } = message
  const said = {
    type: 'message',
    subtype: 'tombstone',
    text: 'This message was deleted.',
    user: SLACKBOT,
    hidden: true,
    ts,
  }
  return { ...said, ...threadJson(channel, message) }
}

function contentJson(world: World, message: Message): Json {
  const { files, blocks, attachments, metadata, editedTs, streamingState } = message
  return {
    type: 'message',
    ...(files.length === 0 ? {} : { subtype: 'file_share', upload: false }),
    user: message.authorId,
    ts: message.ts,
    team: message.teamId,
    text: message.text,
    ...(message.botId === null ? { client_msg_id: `${message.teamId}-${message.ts}` } : {}),
    ...(blocks === null ? {} : { blocks }),
    ...(attachments === null ? {} : { attachments }),
    ...(metadata === null ? {} : { metadata }),
    ...(files.length === 0 ? {} : { files: files.map((file) => fileInMessageJson(world, file)) }),
    ...(editedTs === null ? {} : { edited: { user: message.authorId, ts: editedTs } }),
    ...(streamingState === null ? {} : { streaming_state: streamingState }),
  }
}

function threadJson(channel: Channel, message: Message): Json {
  if (message.threadTs !== null) {
    const parent = channel.messages.find(({ ts }) => ts === message.threadTs)
    return { thread_ts: message.threadTs, ...(parent === undefined ? {} : { parent_user_id: parent.authorId }) }
  }
  const replies = repliesTo(channel, message)
  if (replies.length === 0) return {}
  const authors = [...new Set(replies.map(({ authorId }) => authorId))]
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: authors.length,
    reply_users: authors,
    latest_reply: replies.at(-1)!.ts,
  }
}

function botJson(world: World, workspace: Workspace, message: Message): Json {
  return {
    bot_id: message.botId,
    app_id: world.app.id,
    bot_profile: {
      id: message.botId,
      app_id: world.app.id,
      name: world.app.name,
      team_id: workspace.id,
      deleted: false,
    },
  }
}

function reactionsJson(message: Message): Json[] {
  return [...message.reactions].map(([name, users]) => ({ name, users: [...users], count: users.size }))
}
