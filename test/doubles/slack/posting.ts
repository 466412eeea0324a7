import { publishChanged, publishDeleted, publishPosted } from './events/message-events.ts'
import type { Stage } from './stage.ts'
import { messageJson } from './wire/message-json.ts'
import type { Channel } from './world/channel.ts'
import type { Member } from './world/member.ts'
import { type Message, type MessageDraft, setText } from './world/message.ts'
import type { Workspace } from './world/workspace.ts'

/** Puts a message into a channel and tells the app of it. */
export function postMessage(
  stage: Stage,
  workspace: Workspace,
  channel: Channel,
  author: Member,
  draft: MessageDraft,
): Message {
  const { world } = stage
  const message: Message = {
    ts: world.identifiers.timestamp(),
    channelId: channel.id,
    teamId: author.teamId,
    authorId: author.id,
    botId: author.id === workspace.botUser.id ? workspace.botId : null,
    threadTs: draft.threadTs ?? null,
    files: [...(draft.files ?? [])],
    reactions: new Map(),
    versions: [],
    versionTimesMs: [],
    text: '',
    blocks: draft.blocks ?? null,
    attachments: draft.attachments ?? null,
    metadata: draft.metadata ?? null,
    editedTs: null,
    streamingState: draft.streamingState ?? null,
    isDeleted: false,
  }
  setText(message, draft.text)
  for (const file of message.files) file.sharedIn.add(channel.id)
  channel.messages.push(message)
  publishPosted(stage, workspace, channel, message)
  world.changed()
  return message
}

/** Changes a message by the given function and tells the app that it changed. */
export function changeMessage(
  stage: Stage,
  workspace: Workspace,
  channel: Channel,
  message: Message,
  change: () => void,
): void {
  const before = messageJson(stage.world, channel, message)
  change()
  publishChanged(stage, workspace, channel, message, before)
  stage.world.changed()
}

/** Takes a message away and tells the app. What stands below it stays. */
export function deleteMessage(stage: Stage, workspace: Workspace, channel: Channel, message: Message): void {
  const before = messageJson(stage.world, channel, message)
  message.isDeleted = true
  publishDeleted(stage, workspace, channel, message, before)
  stage.world.changed()
}
