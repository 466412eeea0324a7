import type { Json } from '../json.ts'
import { changeMessage } from '../posting.ts'
import { messageJson } from '../wire/message-json.ts'
import { setText } from '../world/message.ts'
import { type BotCall, type BotMethod, channelOf, messageOf } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { MAX_EDITED_CHARACTERS } from './content-limits.ts'
import { contentOf } from './message-content.ts'

/** chat.update. */
export const CHAT_UPDATE_METHODS: Readonly<Record<string, BotMethod>> = {
  'chat.update': { scope: 'chat:write', answer: update },
}

function update(call: BotCall): Json {
  const { args, stage, workspace } = call
  const channel = channelOf(call)
  const message = messageOf(call, channel)
  if (message.botId !== workspace.botId) throw new ApiError('cant_update_message')
  if (message.streamingState === 'in_progress') throw new ApiError('streaming_state_conflict')
  const content = contentOf(call)
  if ((args.optional('text')?.length ?? 0) > MAX_EDITED_CHARACTERS) throw new ApiError('msg_too_long')
  stage.world.recordPings(workspace.id, channel.id, { ...content, text: content.text ?? '' })
  changeMessage(stage, workspace, channel, message, () => {
    setText(message, content.text ?? message.text)
    // Blocks and attachments that an edit does not name stay; an empty list takes them away.
    message.blocks = content.blocks ?? message.blocks
    message.attachments = content.attachments ?? message.attachments
    message.metadata = content.metadata ?? message.metadata
    message.editedTs = stage.world.identifiers.timestamp()
  })
  const { ts, text } = message
  return { channel: channel.id, ts, text, message: messageJson(stage.world, channel, message) }
}
