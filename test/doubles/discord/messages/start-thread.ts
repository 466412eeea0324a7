// A thread that starts from a message: it begins with a message that only refers to that one.
import { GatewayDispatchEvents, MessageReferenceType, MessageType } from 'discord.js'
import type { ChannelState, MessageState } from '../world/state.ts'
import { openThread, type ThreadDraft } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { announceMessage } from './announce-message.ts'
import { publish } from './post-message.ts'

/**
 * Opens a thread from a message of its parent channel.
 * @throws ApiError as the API would
 */
export function startThread(world: World, draft: ThreadDraft & { readonly message: MessageState }): ChannelState {
  const thread = openThread(world, draft)
  const starter: MessageState = {
    id: world.ids.next(),
    channelId: thread.id,
    authorId: draft.ownerId,
    type: MessageType.ThreadStarterMessage,
    content: '',
    createdMs: world.clock.now(),
    editedMs: null,
    embeds: [],
    attachments: [],
    components: [],
    flags: 0,
    nonce: undefined,
    reference: {
      type: MessageReferenceType.Default,
      message_id: draft.message.id,
      channel_id: draft.message.channelId,
      guild_id: thread.guildId!,
    },
    snapshot: undefined,
    mentions: { userIds: [], roleIds: [], everyone: false },
    reactions: new Map(),
    origin: undefined,
    onlyFor: null,
  }
  publish(world, thread, starter)
  // The message carries the HAS_THREAD flag from now on.
  announceMessage(world, draft.message, GatewayDispatchEvents.MessageUpdate)
  return thread
}
