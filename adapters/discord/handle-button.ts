// Pressed buttons: stop, more detail, try again, forget.
import { type ButtonInteraction, MessageFlags } from 'discord.js'
import { assert, assertNever } from '../../src/assert.ts'
import { textsFor } from '../../src/conversation/texts/locale.ts'
import { answer, type Started } from './answer.ts'
import type { BotContext } from './bot-context.ts'
import type { ButtonPress } from './buttons.ts'
import { requestOf, targetOf } from './handle-command.ts'
import { isSendable, mayAttach, mayModerate, missingToAnswer } from './permissions.ts'
import { placeOfThreadId } from './places.ts'
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
    await tellAlone(interaction, textsFor(interaction.locale).notYours)
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
  const place = placeOfThreadId(press.threadId)
  const isStrangers = place?.userId !== undefined && place.userId !== interaction.user.id
  if (place === null || isStrangers) {
    await tellAlone(interaction, textsFor(interaction.locale).notYours)
    return null
  }
  const thread = context.client.channels.cache.get(place.discordChannelId) ?? null
  // The conversation of a command goes on in the thread that its answer began.
  const isElsewhere = place.discordChannelId !== interaction.channelId
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
  const place = placeOfThreadId(press.threadId)
  assert(place !== null, 'an acknowledged button names a conversation')
  const request = requestOf(interaction, { threadId: place.threadId, channelId: place.channelId })
  const asking = { request, sourceId: interaction.id, userId: interaction.user.id, target }
  switch (press.action) {
    case 'more-detail':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.moreDetail(request, signal) }) }
    case 'try-again':
      return { work: answer(context, { ...asking, ask: (signal) => conversation.tryAgain(request, signal) }) }
    case 'forget': {
      const done = conversation.forget(request)
      return { work: done.then((content) => target.post({ content, components: [], storyboard: null }, 0)) }
    }
    default:
      return assertNever(press.action)
  }
}

async function tellAlone(interaction: ButtonInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
}
