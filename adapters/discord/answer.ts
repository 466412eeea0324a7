// One question from asking to the last edit of its answer.
import type { Reply, ReplyEvent, Request } from '../../src/conversation/message.ts'
import type { BotContext } from './bot-context.ts'
import type { ReplyTarget } from './reply-target.ts'
import { StreamingReply } from './streaming-reply.ts'

/** Work on its way: what must happen in order has happened, the rest goes on. */
export interface Started {
  readonly work: Promise<unknown>
}

/** A question that is about to be asked. */
export interface Asking {
  readonly request: Request
  /** Snowflake of the post or interaction that asks. */
  readonly sourceId: string
  /** Snowflake of who asks: the one who may stop it. */
  readonly userId: string
  readonly target: ReplyTarget
  readonly ask: (signal: AbortSignal) => AsyncIterable<ReplyEvent>
}

/**
 * Asks, and shows the answer as it comes. The question joins its thread's line before this returns.
 * @returns how it ended; null when it could not be shown
 */
export async function answer(
  context: BotContext,
  { request, sourceId, userId, target, ask }: Asking,
): Promise<Reply | null> {
  const { conversation, questions, logger, editIntervalMs, lastTryDelaysMs } = context
  let reply: Reply | null = null
  const places = [request.channelId, ...(request.groupId === undefined ? [] : [request.groupId])]
  await questions.run(sourceId, { userId, places }, async ({ signal, stop }) => {
    const streaming = new StreamingReply({
      target,
      requestId: sourceId,
      threadId: request.threadId,
      texts: conversation.texts(request),
      logger,
      editIntervalMs,
      lastTryDelaysMs,
      stop,
      onPosted: (messageId) => questions.addReply(sourceId, messageId),
    })
    reply = await streaming.show(ask(signal))
  })
  return reply
}

/** A question that needs the model no longer: one sentence. */
export async function* refuse(text: string): AsyncGenerator<ReplyEvent> {
  yield { type: 'end', reply: { kind: 'incomplete', text, notices: [], actions: [] } }
}
