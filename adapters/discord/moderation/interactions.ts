// Commands and buttons of moderators as Discord brings them: what is wanted, and how Discord is told that it arrived. Answers
// are shown to whoever asked, alone.
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
import { isAdmin, isDenied, visitorOf } from '../access.ts'
import type { BotContext } from '../bot-context.ts'
import { takeMessageLinks } from '../message-links.ts'
import { PLATFORM } from '../places.ts'
import { NO_MENTIONS } from '../reply-target.ts'
import { type ModeratorWish, type WrittenWish, wishOfModerator } from '../written-wish.ts'
import { isModerationCommand } from './commands.ts'
import { confirmationButtons } from './render-notice.ts'

/** What is wanted, to be done once it is acknowledged. */
export interface ReadWish {
  readonly wish: WrittenWish<ModeratorWish>
  /** Says to Discord that it arrived. */
  acknowledge(): Promise<unknown>
}

/** Reads what is for moderation. @returns null when it is not; `done` when it was no more than a question back */
export async function readModeration(context: BotContext, interaction: Interaction): Promise<ReadWish | 'done' | null> {
  if (interaction.isButton()) {
    const press = parsePress(interaction.customId)
    return press === null ? null : await readPress(context, interaction, press)
  }
  if (!interaction.isChatInputCommand() || !isModerationCommand(interaction.options.getSubcommand())) return null
  const wish = wishOf(interaction)
  if (wish === null) {
    const content = moderationTextsFor(interaction.locale).forgetWanted
    await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
    return 'done'
  }
  const isModerator = isAllowed(context, interaction, PermissionFlagsBits.ManageGuild)
  return {
    wish: wishOfModerator(interaction, { kind: 'moderate', wish, isModerator }),
    acknowledge: () => interaction.deferReply({ flags: MessageFlags.Ephemeral }),
  }
}

/**
 * By a right there, or as an admin of the settings, unless the settings deny them; what acts upon posts asks for the right
 * itself once more.
 */
function isAllowed(
  { settings, client }: BotContext,
  interaction: ButtonInteraction | ChatInputCommandInteraction,
  right: bigint,
): boolean {
  const visitor = visitorOf(client, interaction)
  if (isDenied(settings, visitor)) return false
  return interaction.memberPermissions?.has(right) === true || isAdmin(settings, visitor)
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

async function readPress(
  context: BotContext,
  interaction: ButtonInteraction,
  { step, verb, alertId }: Press,
): Promise<ReadWish | 'done'> {
  if (step === 'moderate-not') {
    await interaction.deferUpdate()
    await interaction.deleteReply()
    return 'done'
  }
  if (step === 'moderate' && verb !== 'dismiss' && verb !== 'confirm') {
    const texts = moderationTextsFor(interaction.locale)
    await interaction.reply({
      content: texts.confirmations[verb],
      components: [confirmationButtons(verb, alertId, texts)],
      flags: MessageFlags.Ephemeral,
      allowedMentions: NO_MENTIONS,
    })
    return 'done'
  }
  const isModerator = isAllowed(context, interaction, PermissionFlagsBits.ManageMessages)
  return {
    wish: wishOfModerator(interaction, { kind: 'moderate-alert', verb, alertId, isModerator }),
    acknowledge: () =>
      step === 'moderate' ? interaction.deferReply({ flags: MessageFlags.Ephemeral }) : interaction.deferUpdate(),
  }
}

/** @returns null when it cannot be told whose records are to go: then none does */
function wishOf({ options, channelId }: ChatInputCommandInteraction): ModerationWish | null {
  const name = options.getSubcommand()
  const channel = `${PLATFORM}:${options.getChannel('channel')?.id ?? channelId}`
  if (name === 'watch' || name === 'unwatch') return { name, channelId: channel }
  if (name === 'rules' || name === 'digest' || name === 'status' || name === 'audit') return { name }
  const user = options.getUser('user')?.id
  const message = options.getString('message')
  const isNamed = user !== undefined || message !== null
  // Either the whole server or what is named in it, so that nothing left out or mistyped comes to the whole server.
  if ((options.getBoolean('everything') ?? false) === isNamed) return null
  const messageId = message === null ? undefined : messageIdIn(message)
  if (messageId === null) return null
  return {
    name: 'forget',
    ...(user === undefined ? {} : { userId: `${PLATFORM}:${user}` }),
    ...(messageId === undefined ? {} : { messageId }),
  }
}

/** Reads a link to one message, or an id as Discord's menus copy it: alone, or behind that of its channel. */
function messageIdIn(text: string): string | null {
  const { links, text: rest } = takeMessageLinks(text)
  const [link, ...more] = links
  if (link !== undefined) return more.length === 0 && rest === '' ? link.messageId : null
  return /^(?:\d{17,20}-)?(\d{17,20})$/.exec(rest)?.[1] ?? null
}
