// Pressed buttons: stop, more detail, try again, forget.
import { type ButtonInteraction, MessageFlags } from 'discord.js'
import { assert, assertNever } from '../../src/assert.ts'
import { answer, type Started } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import type { ButtonPress } from './buttons.ts'
import { requestOf, targetOf, textsOf } from './handle-command.ts'
import { isSendable, mayAttach, mayModerate, missingToAnswer } from './permissions.ts'
import { type Place, parseThreadId, personalPlace, sharedPlace } from './places.ts'
import { ChannelTarget, NO_MENTIONS, type ReplyTarget } from './reply-target.ts'

/** Stops the question of a button, when it is the person's own or they look after the channel. */
export async function handleStop(
  context: BotContext,
  interaction: ButtonInteraction,
  requestId: string,
): Promise<void> {
  const question = context.questions.find(requestId)
  if (question === undefined) {
    // It has ended, perhaps with the program; the button goes away.
    await interaction.update({ components: [], allowedMentions: NO_MENTIONS })
    return
  }
  if (question.userId !== interaction.user.id && !mayModerate(interaction.memberPermissions)) {
    await tellAlone(interaction, textsOf(context, interaction).notYours)
    return
  }
  question.stop()
  await interaction.deferUpdate()
}

/**
 * Acknowledges a button that goes on with a conversation.
 * @returns where the answer goes; null when the press came to nothing, and the person was told
 */
export async function acknowledgeButton(
  context: BotContext,
  interaction: ButtonInteraction,
  press: Exclude<ButtonPress, { action: 'stop' }>,
): Promise<ReplyTarget | null> {
  const named = parseThreadId(press.threadId)
  const isStrangers = named?.userId !== undefined && named.userId !== interaction.user.id
  if (named === null || isStrangers) {
    await tellAlone(interaction, textsOf(context, interaction).notYours)
    return null
  }
  const thread = context.client.channels.cache.get(named.channelId) ?? null
  // The conversation of a command goes on in the thread that its answer began.
  const isElsewhere = named.channelId !== interaction.channelId
  if (isElsewhere && isSendable(thread) && missingToAnswer(thread).length === 0) {
    await interaction.deferUpdate()
    const options = { channel: thread, sourceId: interaction.id, mayAttach: mayAttach(thread) }
    return new ChannelTarget(options)
  }
  await interaction.deferReply()
  return targetOf(context, interaction)
}

/**
 * Goes on with a conversation. The request joins its thread's line before this returns.
 */
export function handleButton(
  context: BotContext,
  interaction: ButtonInteraction,
  press: Exclude<ButtonPress, { action: 'stop' }>,
  target: ReplyTarget,
): Started {
  const { conversation } = context
  const request = requestOf(interaction, placeOf(context, interaction, press.threadId))
  const asking = { request, sourceId: interaction.id, userId: interaction.user.id, target }
  const followUp = press.questionId === undefined ? request : { ...request, about: press.questionId }
  switch (press.action) {
    case 'more-detail':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.moreDetail(followUp, signal) }) }
    case 'try-again':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.tryAgain(followUp, signal) }) }
    case 'forget': {
      const done = conversation.forget(request)
      return { work: done.then((content) => target.post({ content, components: [], storyboard: null }, 0)) }
    }
    default:
      return assertNever(press.action)
  }
}

/** The conversation of a button; it stands in that conversation's thread, or in the channel above. */
function placeOf({ client }: BotContext, { channelId }: ButtonInteraction, threadId: string): Place {
  const named = parseThreadId(threadId)
  assert(named !== null, 'an acknowledged button names a conversation')
  if (named.userId !== undefined) return personalPlace(named.channelId, named.userId)
  const channel = client.channels.cache.get(named.channelId)
  if (channel?.isThread()) return sharedPlace(named.channelId, channel.parentId)
  return sharedPlace(named.channelId, named.channelId === channelId ? null : channelId)
}

async function tellAlone(interaction: ButtonInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
}
