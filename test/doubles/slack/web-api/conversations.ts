import type { Json } from '../json.ts'
import { channelJson } from '../wire/channel-json.ts'
import { messageJson } from '../wire/message-json.ts'
import { type Channel, type ChannelKind, repliesTo, scopeFor } from '../world/channel.ts'
import { directMessageWith } from '../world/direct-message.ts'
import type { Message } from '../world/message.ts'
import { botIsIn } from '../world/workspace.ts'
import { type BotCall, type BotMethod, channelOf, readableChannelOf, requireScope } from './api-call.ts'
import { ApiError, invalidArguments } from './api-error.ts'
import { pageOf } from './page.ts'

/** conversations.history, .replies, .info, .open and .members, and users.conversations. */
export const CONVERSATION_METHODS: Readonly<Record<string, BotMethod>> = {
  'conversations.history': { scope: null, answer: history },
  'conversations.replies': { scope: null, answer: replies },
  'conversations.info': { scope: null, answer: info },
  'conversations.open': { scope: 'im:write', answer: open },
  'conversations.members': { scope: null, answer: members },
  'users.conversations': { scope: null, answer: ownConversations },
}

/** Newest first, without the replies in threads. */
function history(call: BotCall): Json {
  const channel = readableChannelOf(call)
  const posts = withinTimes(call, channel.messages).filter(({ threadTs }) => threadTs === null)
  return messagePage(call, channel, posts.reverse())
}

/** The first message of the thread and its replies, oldest first. */
function replies(call: BotCall): Json {
  const channel = readableChannelOf(call)
  const named = channel.messages.find(({ ts }) => ts === call.args.required('ts'))
  if (named === undefined || !isShown(channel, named)) throw new ApiError('thread_not_found')
  const rootTs = named.threadTs ?? named.ts
  const root = channel.messages.filter(({ ts }) => ts === rootTs)
  const answers = withinTimes(call, channel.messages).filter(({ threadTs }) => threadTs === rootTs)
  return messagePage(call, channel, [...root, ...answers])
}

function messagePage(call: BotCall, channel: Channel, messages: readonly Message[]): Json {
  const present = messages.filter((message) => isShown(channel, message))
  const { items, nextCursor } = pageOf(call.args, present, 100)
  return {
    messages: items.map((message) => messageJson(call.stage.world, channel, message)),
    has_more: nextCursor !== '',
    response_metadata: { next_cursor: nextCursor },
  }
}

/** A tombstone stands where replies are left. */
function isShown(channel: Channel, message: Message): boolean {
  return !message.isDeleted || repliesTo(channel, message).length > 0
}

function withinTimes({ args }: BotCall, messages: readonly Message[]): Message[] {
  const oldest = timeOf(args.optional('oldest'), 'invalid_ts_oldest') ?? Number.NEGATIVE_INFINITY
  const latest = timeOf(args.optional('latest'), 'invalid_ts_latest') ?? Number.POSITIVE_INFINITY
  const isInclusive = args.flag('inclusive')
  return messages.filter(({ ts }) => {
    const time = Number(ts)
    return (time > oldest && time < latest) || (isInclusive && (time === oldest || time === latest))
  })
}

function timeOf(text: string | undefined, code: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new ApiError(code)
  return Number(text)
}

function info(call: BotCall): Json {
  const channel = channelOf(call)
  requireScope(call.token, scopeFor(channel.kind, 'read'))
  return { channel: channelJson(call.workspace, channel) }
}

function members(call: BotCall): Json {
  const channel = channelOf(call)
  requireScope(call.token, scopeFor(channel.kind, 'read'))
  const { items, nextCursor } = pageOf(call.args, [...channel.members], 100)
  return { members: items, response_metadata: { next_cursor: nextCursor } }
}

const KINDS: Readonly<Record<ChannelKind, string>> = {
  channel: 'public_channel',
  group: 'private_channel',
  im: 'im',
  mpim: 'mpim',
}

/** Conversations that the bot is in, of the kinds that are asked for. */
function ownConversations(call: BotCall): Json {
  const { args, workspace, token } = call
  const wanted = (args.optional('types') ?? 'public_channel').split(',')
  for (const kind of Object.keys(KINDS) as ChannelKind[]) {
    if (wanted.includes(KINDS[kind])) requireScope(token, scopeFor(kind, 'read'))
  }
  const mine = [...workspace.channels.values()].filter((channel) => botIsIn(workspace, channel))
  const { items, nextCursor } = pageOf(
    args,
    mine.filter(
      ({ kind, isArchived }) => wanted.includes(KINDS[kind]) && !(args.flag('exclude_archived') && isArchived),
    ),
    100,
  )
  return {
    channels: items.map((channel) => channelJson(workspace, channel)),
    response_metadata: { next_cursor: nextCursor },
  }
}

function open(call: BotCall): Json {
  const { args, stage, workspace } = call
  const users = args.optional('users')?.split(',') ?? []
  if (users.length === 0) throw new ApiError('users_list_not_supplied')
  if (users.length > 1) throw invalidArguments('this double opens a conversation with one person only')
  if (!workspace.members.has(users[0]!)) throw new ApiError('user_not_found')
  const channel = directMessageWith(stage.world, workspace, users[0]!)
  return args.flag('return_im') ? { channel: channelJson(workspace, channel) } : { channel: { id: channel.id } }
}
