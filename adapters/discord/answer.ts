// One question from asking to the last edit of its answer.
import type { Reply, ReplyEvent, Request } from '../../src/conversation/message.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import type { BotContext } from './bot-context.ts'
import { failureFields } from './failures.ts'
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
  /** The same in the ledger. */
  readonly question: OpenQuestion
  readonly ask: (signal: AbortSignal) => AsyncIterable<ReplyEvent>
}

/**
 * Asks, and shows the answer as it comes. The question joins its thread's line before this returns.
 * @returns how it ended; null when it could not be shown
 */
export async function answer(
  context: BotContext,
  { request, sourceId, userId, target, question, ask }: Asking,
): Promise<Reply | null> {
  const { conversation, questions, logger, editIntervalMs, lastTryDelaysMs } = context
  let reply: Reply | null = null
  let isUnreachable = false
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
      onPosted: (messageId) => {
        questions.addReply(sourceId, messageId)
        void noteReply(context, question.id, messageId)
      },
    })
    const { errors } = conversation.texts(request)
    reply = await streaming.show(question.isGivenUp === true ? refuse(errors.INFERENCE_FAILED) : ask(signal))
    isUnreachable = streaming.isUnreachable
  })
  await close(context, question.id, reply, isUnreachable)
  return reply
}

/** Shows one sentence as the answer; it counts as answered also when it could not be shown. */
export async function say(
  { ledger }: BotContext,
  { target, question }: Pick<Asking, 'target' | 'question'>,
  sentence: Promise<string>,
): Promise<void> {
  try {
    await target.post({ content: await sentence, components: [], storyboard: null }, 0)
  } finally {
    await ledger.settle(question.id)
  }
}

/** What a stop of the program has cut stays open, and is asked again at the next start. */
async function close(context: BotContext, id: string, reply: Reply | null, isUnreachable: boolean): Promise<void> {
  const { ledger, questions, logger } = context
  const isCut = questions.isClosed && (reply === null || reply.kind === 'cancelled')
  if (isCut) return
  try {
    if (isUnreachable) await ledger.putBack(id)
    else await ledger.settle(id)
    logger.debug({ message: id, isUnreachable }, 'question settled')
  } catch (error) {
    logger.error({ message: id, ...failureFields(error) }, 'it could not be noted that a question was answered')
  }
}

/** Without the note the nonce still finds the message, for some minutes. */
async function noteReply({ ledger, logger }: BotContext, id: string, messageId: string): Promise<void> {
  await ledger.noteReply(id, messageId).catch((error: unknown) => {
    logger.warn({ message: id, ...failureFields(error) }, 'a reply could not be noted')
  })
}

/** A question that needs the model no longer: one sentence. */
export async function* refuse(text: string): AsyncGenerator<ReplyEvent> {
  yield { type: 'end', reply: { kind: 'incomplete', text, notices: [], actions: [] } }
}
