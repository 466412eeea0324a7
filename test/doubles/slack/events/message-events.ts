import type { Json } from '../json.ts'
import type { Stage } from '../stage.ts'
import { messageJson, postedMessageJson } from '../wire/message-json.ts'
import { type Channel, repliesTo, scopeFor } from '../world/channel.ts'
import type { Message } from '../world/message.ts'
import { botIsIn, type Workspace } from '../world/workspace.ts'
import { publishEvent } from './publish.ts'

/** Tells the app of a new post: `message`, `app_mention` when the bot is named in it, `file_shared` for each file. */
export function publishPosted(stage: Stage, workspace: Workspace, channel: Channel, message: Message): void {
  if (!botIsIn(workspace, channel)) return
  const content = postedMessageJson(stage.world, channel, message)
  const place = { channel: channel.id, event_ts: message.ts }
  if (namesBot(workspace, message) && channel.kind !== 'im') {
    const { subtype: _subtype, ...mention } = content
    const event = { ...mention, type: 'app_mention', ...place }
    publishEvent(stage, workspace, event, { event: 'app_mention', scope: 'app_mentions:read' })
  }
  publishMessage(stage, workspace, channel, { ...content, ...place })
  if (message.botId !== null) return
  for (const { id, ownerId } of message.files) {
    const event = { type: 'file_shared', file_id: id, user_id: ownerId, file: { id }, channel_id: channel.id }
    publishEvent(stage, workspace, { ...event, event_ts: message.ts }, { event: 'file_shared', scope: 'files:read' })
  }
}

/** Tells the app that a message has changed. */
export function publishChanged(
  stage: Stage,
  workspace: Workspace,
  channel: Channel,
  message: Message,
  before: Json,
): void {
  if (!botIsIn(workspace, channel)) return
  const ts = stage.world.identifiers.timestamp()
  publishMessage(stage, workspace, channel, {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    message: messageJson(stage.world, channel, message),
    previous_message: before,
    channel: channel.id,
    ts,
    event_ts: ts,
  })
}

/**
 * Tells the app that a message is gone; where replies stand below it, that it has changed into a tombstone.
 * @param before the message as it was
 */
export function publishDeleted(
  stage: Stage,
  workspace: Workspace,
  channel: Channel,
  message: Message,
  before: Json,
): void {
  if (repliesTo(channel, message).length > 0) {
    publishChanged(stage, workspace, channel, message, before)
    return
  }
  if (!botIsIn(workspace, channel)) return
  const ts = stage.world.identifiers.timestamp()
  publishMessage(stage, workspace, channel, {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    deleted_ts: message.ts,
    previous_message: before,
    channel: channel.id,
    ts,
    event_ts: ts,
  })
}

function publishMessage(stage: Stage, workspace: Workspace, channel: Channel, event: Json): void {
  const name = channel.kind === 'channel' || channel.kind === 'group' ? `${channel.kind}s` : channel.kind
  const full = { ...event, channel_type: channel.kind }
  publishEvent(stage, workspace, full, { event: `message.${name}`, scope: scopeFor(channel.kind, 'history') })
}

function namesBot(workspace: Workspace, message: Message): boolean {
  return message.botId === null && message.text.includes(`<@${workspace.botUser.id}>`)
}
