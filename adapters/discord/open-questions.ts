// Questions in the ledger: written down before anything is done about them, taken by one who answers, and asked again after
// a crash. Of a post only its place is written down, since Discord keeps the rest; of a command or a button all that it said.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Message, RESTJSONErrorCodes } from 'discord.js'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { type Address, addressOf } from './addressed.ts'
import type { Started } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import { failureFields } from './failures.ts'
import { handleButton } from './handle-button.ts'
import { handleCommand } from './handle-command.ts'
import { handleMessage } from './handle-message.ts'
import type { InOrder } from './in-order.ts'
import { WRITE_DOWN_LIMIT_MS } from './limits.ts'
import { handleModeratorWish } from './moderation/handle-wish.ts'
import { PLATFORM, parseThreadId } from './places.ts'
import type { CommandWish, ModeratorWish, PressWish, WrittenWish } from './written-wish.ts'

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

/**
 * Answers the question of a post that was written down.
 * @param isLate true when nobody listened as it was posted
 * @returns null when somebody else does, or nobody is to
 */
export async function answerOnce(
  context: BotContext,
  message: Message,
  address: Address,
  isLate = false,
): Promise<Started | null> {
  const id = `${PLATFORM}:${message.id}`
  const taken = await takeQuestion(context, id)
  if (taken === null) return null
  const question = { ...taken, isLate }
  return await begun(context, question, () => handleMessage(context, message, address, question))
}

/**
 * Writes a command or a button down and takes it, before it is acknowledged. Discord does not send it again, so a slow disk
 * holds the acknowledgement up for a moment only.
 * @returns null when it was taken before
 */
export async function takeWish(context: BotContext, wish: WrittenWish): Promise<OpenQuestion | null> {
  const { ledger, logger } = context
  const id = `${PLATFORM}:${wish.interactionId}`
  const take = async () => {
    try {
      await ledger.accept(id, JSON.stringify(wish))
      logger.debug({ message: id }, 'question written down')
    } catch (error) {
      logger.error({ request: id, ...failureFields(error) }, 'a question could not be written down')
    }
    return await takeQuestion(context, id)
  }
  const inTime = new AbortController()
  const meanwhile = sleep(WRITE_DOWN_LIMIT_MS, { id, source: '', replies: [] }, { signal: inTime.signal })
  const question = await Promise.race([take(), meanwhile])
  inTime.abort()
  meanwhile.catch(() => {})
  return question
}

/**
 * Does what a command or a button wants, which takes its place in the line at once.
 * @param acknowledged the same in the ledger, once Discord knows that it arrived; null when it is not to be done
 * @param isAgain after a crash
 */
export async function answerWish(
  context: BotContext,
  inOrder: InOrder,
  wish: WrittenWish,
  acknowledged: Promise<OpenQuestion | null>,
  isAgain = false,
): Promise<Started | null> {
  return await inOrder.run(threadChannelOf(wish) ?? wish.channelId, async () => {
    const question = await acknowledged
    if (question === null) return null
    return await begun(context, question, async () => {
      if (isOfModerator(wish)) return { work: handleModeratorWish(context, wish, question, isAgain) }
      if (isPress(wish)) return handleButton(context, wish, question)
      return handleCommand(context, wish as WrittenWish<CommandWish>, question)
    })
  })
}

/** Asks an open question again. @throws what Discord throws when its post cannot be read now */
export async function askAgain(context: BotContext, inOrder: InOrder, question: OpenQuestion): Promise<void> {
  const source = JSON.parse(question.source) as PostSource | WrittenWish
  // Whatever Discord delivers of it from now on was taken.
  await context.events.claim(question.id)
  if ('messageId' in source) await askPostAgain(context, inOrder, source, question)
  else await askWishAgain(context, inOrder, source, question)
}

/** Takes an event once. When it cannot be found out, it is taken: an answer too many is better than none. */
export async function claim({ events, logger }: BotContext, id: string): Promise<boolean> {
  try {
    return await events.claim(`${PLATFORM}:${id}`)
  } catch (error) {
    logger.error({ request: id, ...failureFields(error) }, 'it is not known whether an event was taken before')
    return true
  }
}

/** A question that could not be acknowledged or begun is tried later. Never rejects. */
export async function putBack({ ledger, logger }: BotContext, id: string): Promise<void> {
  await ledger.putBack(id).catch((error: unknown) => {
    logger.error({ message: id, ...failureFields(error) }, 'a question could not be put back')
  })
}

async function askPostAgain(
  context: BotContext,
  inOrder: InOrder,
  { channelId, messageId }: PostSource,
  question: OpenQuestion,
): Promise<void> {
  const { client, ledger, settings, readsAllPosts } = context
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

async function askWishAgain(
  context: BotContext,
  inOrder: InOrder,
  wish: WrittenWish,
  question: OpenQuestion,
): Promise<void> {
  const { client, logger } = context
  // Handlers look only at the channels that are known; a direct one is not, until it is asked for.
  const channelIds = new Set([wish.channelId, threadChannelOf(wish) ?? wish.channelId])
  for (const id of channelIds) await client.channels.fetch(id).catch(() => null)
  const started = await answerWish(context, inOrder, wish, Promise.resolve(question), true)
  started?.work.catch((error: unknown) => {
    logger.error({ message: question.id, ...failureFields(error) }, 'an event of Discord could not be handled')
  })
}

/** Begins to answer. A question that nobody is to answer is settled, one that fails to begin is tried later. */
async function begun(
  context: BotContext,
  { id }: OpenQuestion,
  handle: () => Promise<Started | null>,
): Promise<Started | null> {
  try {
    const started = await handle()
    if (started === null) await context.ledger.settle(id)
    return started
  } catch (error) {
    await putBack(context, id)
    throw error
  }
}

function isOfModerator(wish: WrittenWish): wish is WrittenWish<ModeratorWish> {
  return wish.wanted.kind === 'moderate' || wish.wanted.kind === 'moderate-alert'
}

function isPress(wish: WrittenWish): wish is WrittenWish<PressWish> {
  return wish.wanted.kind === 'press'
}

/** The channel of the conversation that a button goes on with. */
function threadChannelOf({ wanted }: WrittenWish): string | undefined {
  return wanted.kind === 'press' ? parseThreadId(wanted.press.threadId)?.channelId : undefined
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
