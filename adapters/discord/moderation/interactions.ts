// Commands and buttons of moderators. Answers are shown to whoever asked, alone.
import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  MessageFlags,
  PermissionFlagsBits,
} from 'discord.js'
import type { ModerationWish } from '../../../src/moderation/platform/desk.ts'
import { ALERT_VERBS, type AlertVerb } from '../../../src/moderation/platform/notice.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import type { BotContext } from '../bot-context.ts'
import { PLATFORM } from '../places.ts'
import { NO_MENTIONS } from '../reply-target.ts'
import { isModerationCommand } from './commands.ts'
import { confirmationButtons, renderNotice } from './render-notice.ts'

/** Handles what is for moderation. @returns false when it is not */
export async function takeModeration(context: BotContext, interaction: Interaction): Promise<boolean> {
  if (interaction.isButton()) {
    const press = parsePress(interaction.customId)
    if (press === null) return false
    await takePress(context, interaction, press)
    return true
  }
  if (!interaction.isChatInputCommand() || !isModerationCommand(interaction.options.getSubcommand())) return false
  await takeCommand(context, interaction)
  return true
}

interface Press {
  /** `moderate` asks first where that is due, `moderate-now` is the answer yes, `moderate-not` the answer no. */
  readonly step: 'moderate' | 'moderate-now' | 'moderate-not'
  readonly verb: AlertVerb
  readonly alertId: number
}

function parsePress(customId: string): Press | null {
  const [, step, verb, id] = /^(moderate(?:-now|-not)?) ([a-z-]+) (\d+)$/.exec(customId) ?? []
  const known = ALERT_VERBS.find((one) => one === verb)
  if (step === undefined || known === undefined) return null
  return { step: step as Press['step'], verb: known, alertId: Number(id) }
}

async function takePress({ moderation }: BotContext, interaction: ButtonInteraction, press: Press): Promise<void> {
  const { step, verb, alertId } = press
  const texts = moderationTextsFor(interaction.locale)
  if (step === 'moderate-not') {
    await interaction.deferUpdate()
    await interaction.deleteReply()
    return
  }
  if (step === 'moderate' && verb !== 'dismiss' && verb !== 'confirm') {
    await interaction.reply({
      content: texts.confirmations[verb],
      components: [confirmationButtons(verb, alertId, texts)],
      flags: MessageFlags.Ephemeral,
      allowedMentions: NO_MENTIONS,
    })
    return
  }
  if (step === 'moderate') await interaction.deferReply({ flags: MessageFlags.Ephemeral })
  else await interaction.deferUpdate()
  const answer = await moderation?.press({
    verb,
    alertId,
    channelId: `${PLATFORM}:${interaction.channelId}`,
    userId: `${PLATFORM}:${interaction.user.id}`,
    locale: interaction.locale,
    isModerator: interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false,
  })
  const content = answer?.text ?? texts.alertClosed
  await interaction.editReply({ content, components: [], allowedMentions: NO_MENTIONS })
}

async function takeCommand(context: BotContext, interaction: ChatInputCommandInteraction): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral })
  const { moderation } = context
  const { guildId, locale } = interaction
  if (moderation === null || guildId === null) {
    await interaction.editReply({ content: moderationTextsFor(locale).mayNot, allowedMentions: NO_MENTIONS })
    return
  }
  const place = {
    groupId: `${PLATFORM}:${guildId}`,
    channelId: `${PLATFORM}:${interaction.channelId}`,
    userId: `${PLATFORM}:${interaction.user.id}`,
    locale,
    isModerator: interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false,
  }
  const { content, files } = renderNotice(await moderation.command(place, wishOf(interaction)))
  await interaction.editReply({ content, files: [...files], allowedMentions: NO_MENTIONS })
}

function wishOf({ options, channelId }: ChatInputCommandInteraction): ModerationWish {
  const name = options.getSubcommand()
  const channel = `${PLATFORM}:${options.getChannel('channel')?.id ?? channelId}`
  if (name === 'watch' || name === 'unwatch') return { name, channelId: channel }
  if (name === 'rules' || name === 'digest' || name === 'status') return { name }
  const user = options.getUser('user')?.id
  // The last number of a link to a message is its id.
  const messageId = options
    .getString('message')
    ?.match(/\d{17,20}/g)
    ?.at(-1)
  return {
    name: 'forget',
    ...(user === undefined ? {} : { userId: `${PLATFORM}:${user}` }),
    ...(messageId === undefined ? {} : { messageId }),
  }
}
