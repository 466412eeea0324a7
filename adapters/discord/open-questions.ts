// Questions of posts in the ledger: written down before anything is done about them, taken by one who answers, and asked
// again after a crash. Of a post only its place is written down; Discord keeps the rest.
import { type Message, RESTJSONErrorCodes } from 'discord.js'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { type Address, addressOf } from './addressed.ts'
import type { Started } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import { failureFields } from './failures.ts'
import { handleMessage } from './handle-message.ts'
import type { InOrder } from './in-order.ts'
import { PLATFORM } from './places.ts'

/** The post of a question by its ids. */
interface PostSource {
  readonly channelId: string
  readonly messageId: string
}

/** Writes the question of a post down. When that fails, it is answered all the same. */
export async function writeDown({ ledger, logger }: BotContext, { id, channelId }: Message): Promise<void> {
  const source: PostSource = { channelId, messageId: id }
  try {
    await ledger.accept(`${PLATFORM}:${id}`, JSON.stringify(source))
    logger.debug({ message: `${PLATFORM}:${id}` }, 'question written down')
  } catch (error) {
    logger.error({ request: id, ...failureFields(error) }, 'a question could not be written down')
  }
}

/** Answers the question of a post that was written down. @returns null when somebody else does, or nobody is to */
export async function answerOnce(context: BotContext, message: Message, address: Address): Promise<Started | null> {
  const id = `${PLATFORM}:${message.id}`
  const question = await takeQuestion(context, id)
  if (question === null) return null
  const started = await handleMessage(context, message, address, question)
  if (started === null) await context.ledger.settle(id)
  return started
}

/** Asks an open question again. @throws what Discord throws when its post cannot be read now */
export async function askAgain(context: BotContext, inOrder: InOrder, question: OpenQuestion): Promise<void> {
  const { client, ledger, events, settings, readsAllPosts } = context
  const { channelId, messageId } = JSON.parse(question.source) as PostSource
  // Whatever Discord delivers of it from now on was taken.
  await events.claim(question.id)
  const message = await readPost(client, channelId, messageId)
  const address = message === null ? null : addressOf(message, settings, readsAllPosts)
  if (message === null || address === null) {
    await ledger.settle(question.id)
    return
  }
  // Roles come with posts that are delivered, and not with those that are fetched.
  await message.guild?.members.fetch(message.author.id).catch(() => null)
  const started = await inOrder.run(channelId, () => handleMessage(context, message, address, question))
  if (started === null) await ledger.settle(question.id)
}

/** When it cannot be found out, the question is answered: an answer too many is better than none. */
async function takeQuestion({ ledger, logger }: BotContext, id: string): Promise<OpenQuestion | null> {
  try {
    const question = await ledger.begin(id)
    logger.debug({ message: id, taken: question !== null }, 'question taken')
    return question
  } catch (error) {
    logger.error({ message: id, ...failureFields(error) }, 'it is not known whether a question is being answered')
    return { id, source: '', replies: [] }
  }
}

/** A post; null when it is there no longer, or may no longer be read. */
async function readPost(client: BotContext['client'], channelId: string, messageId: string): Promise<Message | null> {
  try {
    const channel = await client.channels.fetch(channelId)
    return channel?.isTextBased() ? await channel.messages.fetch(messageId) : null
  } catch (error) {
    const { code } = failureFields(error)
    if (GONE.has(code ?? '')) return null
    throw error
  }
}

const GONE: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
])
