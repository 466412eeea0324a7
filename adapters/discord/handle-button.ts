// Pressed buttons: stop, more detail, try again, forget.
import { type ButtonInteraction, MessageFlags, type SendableChannels } from 'discord.js'
import { assert, assertNever } from '../../src/assert.ts'
import { lateness, type OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { isAdmin, isDenied, visitorOf } from './access.ts'
import { answer, type Started, say } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import type { FollowUpPress } from './buttons.ts'
import { requestOf, targetOf, textsOf } from './handle-command.ts'
import { isSendable, mayAttach, mayModerate, missingToAnswer } from './permissions.ts'
import { type Place, parseThreadId, personalPlace, sharedPlace } from './places.ts'
import { ChannelTarget, NO_MENTIONS, type ReplyTarget } from './reply-target.ts'
import { type PressWish, type WrittenWish, wisherOf } from './written-wish.ts'

/** Stops the question of a button, when it is the person's own or they look after the channel. */
export async function handleStop(
  context: BotContext,
  interaction: ButtonInteraction,
  requestId: string,
): Promise<void> {
  const question = context.questions.find(requestId)
  if (question === undefined) {
    await removeOldStop(interaction)
    return
  }
  if (question.userId !== interaction.user.id && !looksAfterIt(context, interaction)) {
    await tellAlone(interaction, textsOf(context, wisherOf(interaction)).notYours)
    return
  }
  question.stop()
  await interaction.deferUpdate()
}

/** Takes away the button of a question that ended with the program. One that ended just now has other buttons instead. */
async function removeOldStop(interaction: ButtonInteraction): Promise<void> {
  await interaction.deferUpdate()
  const shown = await interaction.fetchReply()
  if (shown.resolveComponent(interaction.customId) === null) return
  await interaction.editReply({ components: [], allowedMentions: NO_MENTIONS })
}

/** True when a conversation may be gone on with by this person, or forgotten; else they are told. */
export async function isTheirs(
  context: BotContext,
  interaction: ButtonInteraction,
  { action, threadId }: FollowUpPress,
): Promise<boolean> {
  const named = parseThreadId(threadId)
  const isStrangers = named?.userId !== undefined && named.userId !== interaction.user.id
  if (named !== null && !isStrangers) return true
  if (named !== null && action === 'forget' && looksAfterIt(context, interaction)) return true
  await tellAlone(interaction, textsOf(context, wisherOf(interaction)).notYours)
  return false
}

/** True for who looks after the channel: by rights there, or as an admin of the settings, unless those deny them. */
function looksAfterIt({ settings, client }: BotContext, interaction: ButtonInteraction): boolean {
  const visitor = visitorOf(client, interaction)
  if (isDenied(settings, visitor)) return false
  return mayModerate(interaction.memberPermissions) || isAdmin(settings, visitor)
}

/** Acknowledges a button that goes on with a conversation. */
export async function acknowledgeButton(
  context: BotContext,
  interaction: ButtonInteraction,
  wish: WrittenWish<PressWish>,
): Promise<void> {
  if (threadElsewhere(context, wish) === null) await interaction.deferReply()
  else await interaction.deferUpdate()
}

/**
 * Goes on with a conversation. The request joins its thread's line before this returns.
 * @param question the same in the ledger; settled when the answer stands
 */
export function handleButton(context: BotContext, wish: WrittenWish<PressWish>, question: OpenQuestion): Started {
  const { conversation } = context
  const { press } = wish.wanted
  const target = targetOfPress(context, wish, question)
  const request = { ...requestOf(wish, placeOf(context, wish)), ...lateness(question) }
  const asking = { request, question, sourceId: wish.interactionId, userId: wish.userId, target }
  const followUp = press.questionId === undefined ? request : { ...request, about: press.questionId }
  switch (press.action) {
    case 'more-detail':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.moreDetail(followUp, signal) }) }
    case 'try-again':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.tryAgain(followUp, signal) }) }
    case 'forget':
      return { work: say(context, { target, question }, conversation.forget(request)) }
    default:
      return assertNever(press.action)
  }
}

function targetOfPress(context: BotContext, wish: WrittenWish<PressWish>, question: OpenQuestion): ReplyTarget {
  const channel = threadElsewhere(context, wish)
  if (channel === null) return targetOf(context, wish, question)
  const { interactionId: sourceId } = wish
  return new ChannelTarget({ channel, sourceId, mayAttach: mayAttach(channel), postedIds: question.replies })
}

/** The conversation of a command goes on in the thread that its answer began; null when the button stands in it. */
function threadElsewhere(
  { client }: BotContext,
  { channelId, wanted }: WrittenWish<PressWish>,
): SendableChannels | null {
  const named = parseThreadId(wanted.press.threadId)
  if (named === null || named.channelId === channelId) return null
  const thread = client.channels.cache.get(named.channelId) ?? null
  return isSendable(thread) && missingToAnswer(thread).length === 0 ? thread : null
}

/** The conversation of a button; it stands in that conversation's thread, or in the channel above. */
function placeOf({ client }: BotContext, { channelId, wanted }: WrittenWish<PressWish>): Place {
  const named = parseThreadId(wanted.press.threadId)
  assert(named !== null, 'an acknowledged button names a conversation')
  if (named.userId !== undefined) return personalPlace(named.channelId, named.userId)
  const channel = client.channels.cache.get(named.channelId)
  if (channel?.isThread()) return sharedPlace(named.channelId, channel.parentId)
  return sharedPlace(named.channelId, named.channelId === channelId ? null : channelId)
}

async function tellAlone(interaction: ButtonInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
}
