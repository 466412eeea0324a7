// Streamed messages: a message that grows by appending until it is stopped, by the app, a person or Slack itself.
import { isJson, type Json, stringIn } from '../json.ts'
import { changeMessage, postMessage } from '../posting.ts'
import { messageJson } from '../wire/message-json.ts'
import type { Channel } from '../world/channel.ts'
import { type Message, setText } from '../world/message.ts'
import type { Stream } from '../world/stream.ts'
import { type BotCall, type BotMethod, channelOf, messageOf, postableChannelOf } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { checkBlocks, checkMarkdownText } from './content-limits.ts'

const CHUNK_TYPES = new Set(['markdown_text', 'task_update', 'plan_update', 'blocks'])

/** chat.startStream, chat.appendStream and chat.stopStream. */
export const CHAT_STREAM_METHODS: Readonly<Record<string, BotMethod>> = {
  'chat.startStream': { scope: 'chat:write', answer: start },
  'chat.appendStream': { scope: 'chat:write', answer: append },
  'chat.stopStream': { scope: 'chat:write', answer: stop },
}

interface Addition {
  readonly text: string
  readonly chunks: Json[]
}

function start(call: BotCall): Json {
  const { args, stage, workspace } = call
  const channel = postableChannelOf(call)
  const threadTs = args.optional('thread_ts') ?? null
  // Top-level streams exist in channels only.
  if (threadTs === null && channel.kind === 'im') throw new ApiError('channel_type_not_supported')
  if (channel.kind !== 'im') checkRecipient(call)
  const addition = additionOf(call)
  const message = postMessage(stage, workspace, channel, workspace.botUser, {
    text: '',
    threadTs,
    streamingState: 'in_progress',
  })
  const stream: Stream = {
    channelId: channel.id,
    ts: message.ts,
    threadTs,
    recipientUserId: args.optional('recipient_user_id') ?? null,
    recipientTeamId: args.optional('recipient_team_id') ?? null,
    appended: [],
    chunks: [],
    state: 'in_progress',
  }
  stage.world.streams.push(stream)
  if (addition !== null) grow(call, channel, message, stream, addition)
  return { channel: channel.id, ts: message.ts }
}

function checkRecipient({ args, workspace }: BotCall): void {
  const teamId = args.optional('recipient_team_id')
  const userId = args.optional('recipient_user_id')
  if (teamId === undefined) throw new ApiError('missing_recipient_team_id')
  if (userId === undefined) throw new ApiError('missing_recipient_user_id')
  if (teamId !== workspace.id) throw new ApiError('team_not_found')
  if (!workspace.members.has(userId)) throw new ApiError('user_not_found')
}

function append(call: BotCall): Json {
  const { channel, message, stream } = runningStreamOf(call)
  const addition = additionOf(call)
  if (addition === null) throw new ApiError('no_text')
  grow(call, channel, message, stream, addition)
  return { channel: channel.id, ts: message.ts }
}

function stop(call: BotCall): Json {
  const { args, stage, workspace } = call
  const { channel, message, stream } = runningStreamOf(call)
  const addition = additionOf(call)
  const blocks = args.objects('blocks', 'invalid_blocks_format')
  checkBlocks(blocks)
  if (addition !== null) grow(call, channel, message, stream, addition)
  stream.state = 'completed'
  stage.world.recordPings(workspace.id, channel.id, { text: '', blocks, attachments: null, linksNames: false })
  changeMessage(stage, workspace, channel, message, () => {
    message.streamingState = 'completed'
    message.blocks = blocks
    message.metadata = args.object('metadata')
  })
  return { channel: channel.id, ts: message.ts, message: messageJson(stage.world, channel, message) }
}

function runningStreamOf(call: BotCall): { channel: Channel; message: Message; stream: Stream } {
  const channel = channelOf(call)
  const message = messageOf(call, channel)
  if (message.botId !== call.workspace.botId) throw new ApiError('message_not_owned_by_app')
  const stream = call.stage.world.streamAt(channel.id, message.ts)
  if (stream?.state === 'stopped_by_user') throw new ApiError('stopped_by_user')
  if (stream === undefined || stream.state !== 'in_progress') throw new ApiError('message_not_in_streaming_state')
  return { channel, message, stream }
}

/** What a call adds; null when it adds nothing. */
function additionOf({ args }: BotCall): Addition | null {
  const markdown = args.optional('markdown_text')
  const chunks = args.objects('chunks', 'invalid_chunks') ?? []
  if (markdown === undefined && chunks.length === 0) return null
  if (!chunks.every(isChunk)) throw new ApiError('invalid_chunks')
  const texts = chunks.filter(({ type }) => type === 'markdown_text').map((chunk) => stringIn(chunk, 'text') ?? '')
  const text = [markdown ?? '', ...texts].join('')
  checkMarkdownText(text)
  return { text, chunks: chunks.filter(({ type }) => type !== 'markdown_text') }
}

function isChunk(chunk: unknown): boolean {
  if (!isJson(chunk) || !CHUNK_TYPES.has(String(chunk.type))) return false
  if (chunk.type === 'markdown_text') return typeof chunk.text === 'string'
  if (chunk.type === 'task_update') return typeof chunk.id === 'string' && typeof chunk.title === 'string'
  return true
}

function grow(call: BotCall, channel: Channel, message: Message, stream: Stream, { text, chunks }: Addition): void {
  const { world } = call.stage
  stream.appended.push(text)
  stream.chunks.push(...chunks)
  const before = message.text
  setText(message, before + text)
  // The whole text is looked at, since the calls may cut a mention in two.
  const content = { text: message.text, blocks: chunks, attachments: null, linksNames: false }
  world.recordPings(call.workspace.id, channel.id, content, before)
  world.changed()
}
