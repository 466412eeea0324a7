import type { Json } from '../json.ts'
import { deleteMessage, postMessage } from '../posting.ts'
import { messageJson } from '../wire/message-json.ts'
import type { Channel } from '../world/channel.ts'
import { type BotCall, type BotMethod, channelOf, messageOf, postableChannelOf } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { MAX_EDITED_CHARACTERS, MAX_POSTED_CHARACTERS } from './content-limits.ts'
import { contentOf } from './message-content.ts'

/** chat.postMessage, chat.postEphemeral, chat.delete and chat.getPermalink. */
export const CHAT_POST_METHODS: Readonly<Record<string, BotMethod>> = {
  'chat.postMessage': { scope: 'chat:write', answer: post },
  'chat.postEphemeral': { scope: 'chat:write', answer: postEphemeral },
  'chat.delete': { scope: 'chat:write', answer: remove },
  'chat.getPermalink': { scope: null, answer: permalink },
}

function post(call: BotCall): Json {
  const { stage, workspace } = call
  const channel = postableChannelOf(call)
  const content = contentOf(call)
  const text = (content.text ?? '').slice(0, MAX_POSTED_CHARACTERS)
  const threadTs = threadOf(call, channel)
  stage.world.recordPings(workspace.id, channel.id, { ...content, text })
  const message = postMessage(stage, workspace, channel, workspace.botUser, { ...content, text, threadTs })
  return { channel: channel.id, ts: message.ts, message: messageJson(stage.world, channel, message) }
}

/** The thread's first message that `thread_ts` leads to; a reply's own timestamp leads to its thread. */
function threadOf({ args, stage }: BotCall, channel: Channel): string | null {
  const named = args.optional('thread_ts')
  if (named === undefined) return null
  const message = stage.world.messageAt(channel, named)
  return message?.threadTs ?? named
}

function postEphemeral(call: BotCall): Json {
  const { args, stage, workspace } = call
  const channel = postableChannelOf(call)
  const userId = args.required('user')
  if (!channel.members.has(userId)) throw new ApiError('user_not_in_channel')
  const content = contentOf(call)
  const text = content.text ?? ''
  if (text.length > MAX_EDITED_CHARACTERS) throw new ApiError('msg_too_long')
  stage.world.recordPings(workspace.id, channel.id, { ...content, text })
  const ts = stage.world.identifiers.timestamp()
  const threadTs = args.optional('thread_ts') ?? null
  channel.ephemerals.push({ ts, channelId: channel.id, userId, threadTs, text, blocks: content.blocks })
  stage.world.changed()
  return { message_ts: ts }
}

function remove(call: BotCall): Json {
  const channel = channelOf(call)
  const message = messageOf(call, channel)
  if (message.botId !== call.workspace.botId) throw new ApiError('cant_delete_message')
  deleteMessage(call.stage, call.workspace, channel, message)
  return { channel: channel.id, ts: message.ts }
}

function permalink(call: BotCall): Json {
  const channel = channelOf(call)
  const { ts, threadTs } = messageOf(call, channel, 'message_ts')
  return { channel: channel.id, permalink: permalinkOf(call.workspace.domain, channel.id, ts, threadTs) }
}

/** A message's address; one of a reply names its thread. */
export function permalinkOf(domain: string, channelId: string, ts: string, threadTs: string | null): string {
  const address = `https://${domain}.slack.com/archives/${channelId}/p${ts.replace('.', '')}`
  return threadTs === null ? address : `${address}?thread_ts=${threadTs}&cid=${channelId}`
}
