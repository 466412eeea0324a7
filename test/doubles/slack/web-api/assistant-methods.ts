import type { Json } from '../json.ts'
import type { AssistantThread } from '../world/assistant-thread.ts'
import { type BotCall, type BotMethod, channelOf } from './api-call.ts'
import { ApiError, invalidArguments } from './api-error.ts'

/** assistant.threads.setStatus, .setSuggestedPrompts and .setTitle. */
export const ASSISTANT_METHODS: Readonly<Record<string, BotMethod>> = {
  'assistant.threads.setStatus': { scope: null, answer: setStatus },
  'assistant.threads.setSuggestedPrompts': { scope: 'assistant:write', answer: setSuggestedPrompts },
  'assistant.threads.setTitle': { scope: 'assistant:write', answer: setTitle },
}

/** Either scope will do, since apps without the assistant pane may show a status too. */
function setStatus(call: BotCall): Json {
  const { scopes } = call.token
  if (!scopes.has('assistant:write') && !scopes.has('chat:write')) {
    throw new ApiError('missing_scope', { needed: 'chat:write', provided: [...scopes].join(',') })
  }
  const status = call.args.optional('status')
  if (status === undefined) throw invalidArguments('missing required field: status')
  threadOf(call).statuses.push(status)
  call.stage.world.changed()
  return {}
}

function setSuggestedPrompts(call: BotCall): Json {
  const prompts = call.args.objects('prompts', 'invalid_arguments')
  const isComplete = ({ title, message }: Json) => typeof title === 'string' && typeof message === 'string'
  if (prompts === null || prompts.length === 0 || !prompts.every(isComplete)) {
    throw invalidArguments('must be a list of title and message: /prompts')
  }
  threadOf(call).prompts = prompts
  call.stage.world.changed()
  return {}
}

function setTitle(call: BotCall): Json {
  threadOf(call).titles.push(call.args.required('title'))
  call.stage.world.changed()
  return {}
}

function threadOf(call: BotCall): AssistantThread {
  const { args, stage } = call
  const channel = channelOf(call, 'channel_id')
  const threadTs = args.required('thread_ts')
  const isKnown =
    channel.messages.some(({ ts }) => ts === threadTs) ||
    stage.world.assistantThreads.some((one) => one.channelId === channel.id && one.threadTs === threadTs)
  if (!isKnown) throw new ApiError('invalid_thread_ts')
  return stage.world.assistantThread(channel.id, threadTs)
}
