// Hands events to their handlers: each once, those of one channel in the order they came, commands and buttons acknowledged
// before anything else.
import {
  type ButtonInteraction,
  type Client,
  type ClientEvents,
  Events,
  type Interaction,
  type Message,
  MessageFlags,
} from 'discord.js'
import { Listening } from '../../src/conversation/listening.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { resumeQuestions } from '../../src/conversation/resume-questions.ts'
import type { Logger } from '../../src/logger.ts'
import { inTrace } from '../../src/trace.ts'
import { isWelcome, visitorOf } from './access.ts'
import { addressOf } from './addressed.ts'
import type { Started } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import { parseButton } from './buttons.ts'
import { failureFields } from './failures.ts'
import { FirstSign } from './first-sign.ts'
import { hearsAll } from './gateway-state.ts'
import { acknowledgeButton, handleStop, isTheirs } from './handle-button.ts'
import { takeHelp, textsOf } from './handle-command.ts'
import { channelToAnswer } from './handle-message.ts'
import { InOrder } from './in-order.ts'
import { fetchMissedPosts } from './missed-posts.ts'
import { readModeration } from './moderation/interactions.ts'
import { unwatchPosts, watchPost } from './moderation/watch-posts.ts'
import { answerOnce, answerWish, askAgain, claim, putBack, takeWish, writeDown } from './open-questions.ts'
import { PLATFORM } from './places.ts'
import { NO_MENTIONS } from './reply-target.ts'
import { type Command, type WrittenWish, wisherOf, wishOfCommand, wishOfPress } from './written-wish.ts'

/** Listens from now on. @returns ends it; what has been taken goes on */
export function listen(context: BotContext): () => void {
  const { client, questions, remembered, logger } = context
  const inOrder = new InOrder()
  const sign = new FirstSign()
  const ends: (() => void)[] = []
  const on = <Name extends keyof ClientEvents>(
    name: Name,
    take: (...event: ClientEvents[Name]) => Promise<void> | void,
  ) => {
    const guarded = async (...event: ClientEvents[Name]) => {
      try {
        await take(...event)
      } catch (error) {
        logFailed(logger, name, error)
      }
    }
    // Every listener's type is an instance of this one; TypeScript does not see it through the mapped type.
    const listener = ((...event: ClientEvents[Name]) => inTrace(() => guarded(...event))) as Parameters<Client['on']>[1]
    client.on(name, listener)
    ends.push(() => client.off(name, listener))
  }

  const resumed = new AbortController()
  ends.push(() => resumed.abort())
  const ask = (question: OpenQuestion) => askAgain(context, inOrder, question)
  void resumeQuestions({ ledger: context.ledger, platform: PLATFORM, ask, logger, signal: resumed.signal })

  const listening = new Listening({
    platform: PLATFORM,
    heard: context.heard,
    isConnected: () => hearsAll(client),
    fetchMissed: async (since) => {
      await fetchMissedPosts(context, since, { ask: askMissed, watch: (post) => watchPost(context, post) })
      await context.moderation?.listensAgain(PLATFORM)
    },
    logger,
  })
  ends.push(() => listening.close())
  const askMissed = async (message: Message) => {
    const started = await beginAnswer(context, inOrder, message, true)
    started?.work.catch((error: unknown) => logFailed(logger, Events.MessageCreate, error))
  }
  void listening.connected()
  // A new session, with nothing of what the one before has missed; one that is resumed brings it by itself.
  on(Events.ShardReady, () => listening.connected())

  on(Events.MessageCreate, async (message) => {
    await Promise.all([takeMessage(context, inOrder, sign, message), watchPost(context, message)])
  })
  on(Events.MessageUpdate, (_, message) => watchPost(context, message))
  on(Events.InteractionCreate, (interaction) => takeInteraction(context, inOrder, interaction))
  const postsGone = async (channelId: string, ids: readonly string[]) => {
    for (const id of ids) {
      remembered.forget(`${channelId}/${id}`)
      const question = questions.find(id)
      if (question === undefined || question.signal.aborted) continue
      logger.info({ request: question.requestId }, 'a question or its answer was deleted; it is stopped')
      question.stop()
    }
    await unwatchPosts(context, channelId, ids)
  }
  on(Events.MessageDelete, ({ id, channelId }) => postsGone(channelId, [id]))
  // Those of somebody who was banned, or whom a moderator or a bot cleans up after.
  on(Events.MessageBulkDelete, (messages, { id }) => postsGone(id, [...messages.keys()]))
  const placeGone = async (id: string) => {
    questions.stopIn(`${PLATFORM}:${id}`)
    await context.moderation?.placeGone(`${PLATFORM}:${id}`)
  }
  on(Events.GuildDelete, async ({ id }) => {
    logger.info({ guild: id }, 'the bot was removed from a guild')
    await placeGone(id)
  })
  on(Events.ChannelDelete, ({ id }) => placeGone(id))
  on(Events.ThreadDelete, ({ id }) => placeGone(id))
  return () => {
    for (const end of ends) end()
  }
}

async function takeMessage(context: BotContext, inOrder: InOrder, sign: FirstSign, message: Message): Promise<void> {
  const address = addressOf(message, context.settings, context.readsAllPosts)
  const channel = address === null ? null : channelToAnswer(context, message, address)
  if (channel !== null) sign.show(channel)
  const started = await beginAnswer(context, inOrder, message)
  await started?.work
}

/** @returns the answer on its way, which has joined its thread's line; null when none is due */
async function beginAnswer(
  context: BotContext,
  inOrder: InOrder,
  message: Message,
  isLate = false,
): Promise<Started | null> {
  const address = addressOf(message, context.settings, context.readsAllPosts)
  if (address === null) return null
  await writeDown(context, message)
  return await inOrder.run(message.channelId, async () =>
    (await claim(context, message.id)) ? answerOnce(context, message, address, isLate) : null,
  )
}

function logFailed(logger: Logger, event: string, error: unknown): void {
  logger.error({ event, ...failureFields(error) }, 'an event of Discord could not be handled')
}

async function takeInteraction(context: BotContext, inOrder: InOrder, interaction: Interaction): Promise<void> {
  const forModeration = await readModeration(context, interaction)
  if (forModeration === 'done') return
  if (forModeration !== null) {
    const { wish } = forModeration
    const taken = acknowledged(context, wish, () => forModeration.acknowledge())
    const started = await answerWish(context, inOrder, wish, taken)
    await started?.work
    return
  }
  const isCommand = interaction.isChatInputCommand() || interaction.isMessageContextMenuCommand()
  if (!isCommand && !interaction.isButton()) return
  context.locales.add(interaction.user.id, interaction.locale)
  if (!isWelcome(context.settings, visitorOf(context.client, interaction))) {
    const content = textsOf(context, wisherOf(interaction)).notWelcome
    await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
    return
  }
  // Both take their place in the line at once and are acknowledged meanwhile.
  const started = isCommand
    ? await takeCommand(context, inOrder, interaction)
    : await takeButton(context, inOrder, interaction)
  await started?.work
}

async function takeCommand(context: BotContext, inOrder: InOrder, interaction: Command): Promise<Started | null> {
  if (await takeHelp(context, interaction)) return null
  const wish = wishOfCommand(context, interaction)
  return answerWish(
    context,
    inOrder,
    wish,
    acknowledged(context, wish, () => interaction.deferReply()),
  )
}

async function takeButton(
  context: BotContext,
  inOrder: InOrder,
  interaction: ButtonInteraction,
): Promise<Started | null> {
  const press = parseButton(interaction.customId)
  if (press === null) return null
  if (press.action === 'stop') {
    await handleStop(context, interaction, press.requestId)
    return null
  }
  if (!(await isTheirs(context, interaction, press))) return null
  const wish = wishOfPress(interaction, press)
  return answerWish(
    context,
    inOrder,
    wish,
    acknowledged(context, wish, () => acknowledgeButton(context, interaction, wish)),
  )
}

/** Takes a wish and says so to Discord. One that could not be acknowledged in time is answered in its channel, later. */
async function acknowledged(
  context: BotContext,
  wish: WrittenWish,
  acknowledge: () => Promise<unknown>,
): Promise<OpenQuestion | null> {
  const question = await takeWish(context, wish)
  if (question === null) return null
  try {
    await acknowledge()
    // Only where no ledger knows of it: there it was taken once already.
    if (await claim(context, wish.interactionId)) return question
    await context.ledger.settle(question.id)
    return null
  } catch (error) {
    await putBack(context, question.id)
    throw error
  }
}
