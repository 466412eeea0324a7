// What a command or a button wants, as plain values: all that is needed to do it, now or by the next start after a crash.
import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  type MessageContextMenuCommandInteraction,
  PermissionFlagsBits,
} from 'discord.js'
import type { ModerationWish } from '../../src/moderation/platform/desk.ts'
import type { AlertVerb } from '../../src/moderation/platform/notice.ts'
import type { BotContext } from './bot-context.ts'
import type { FollowUpPress } from './buttons.ts'
import { clipOfFile, contentOfMessage, type FoundClip, findClips } from './parse-clips.ts'

/** A command of a person. */
export type Command = ChatInputCommandInteraction | MessageContextMenuCommandInteraction

/** Who wants something, and where. */
export interface Wisher {
  readonly interactionId: string
  readonly channelId: string
  readonly guildId: string | null
  readonly userId: string
  readonly locale: string
}

/** What is wanted, and by which way it is answered. */
export interface WrittenWish<Wanted = CommandWish | PressWish | ModeratorWish> extends Wisher {
  /** Lets the answer be changed for 15 minutes, and is worth nothing after that. */
  readonly token: string
  /** True in the direct channel with the bot. */
  readonly isDirect: boolean
  readonly mayAttach: boolean
  readonly wanted: Wanted
}

/** What a command wants. */
export type CommandWish =
  /** A slash command with its options. */
  | { readonly kind: 'command'; readonly name: string; readonly question: string; readonly clips: readonly FoundClip[] }
  /** The menu of a post. */
  | {
      readonly kind: 'menu'
      readonly clips: readonly FoundClip[]
      /** Present for an answer of the bot, which stands for the post that it answered. */
      readonly answerId?: string
    }

/** A button that goes on with a conversation. */
export interface PressWish {
  readonly kind: 'press'
  readonly press: FollowUpPress
}

/** What a moderator wants, by a command or by a button under an alert. */
export type ModeratorWish =
  | { readonly kind: 'moderate'; readonly wish: ModerationWish; readonly isModerator: boolean }
  | {
      readonly kind: 'moderate-alert'
      readonly verb: AlertVerb
      readonly alertId: number
      readonly isModerator: boolean
    }

/** Who used a command or a button, and where. */
export function wisherOf(interaction: Command | ButtonInteraction): Wisher {
  const { id, channelId, guildId, user, locale } = interaction
  return { interactionId: id, channelId, guildId, userId: user.id, locale }
}

/** What a command wants. */
export function wishOfCommand(context: BotContext, interaction: Command): WrittenWish<CommandWish> {
  return written(interaction, wantedBy(context, interaction))
}

/** What a button wants. */
export function wishOfPress(interaction: ButtonInteraction, press: FollowUpPress): WrittenWish<PressWish> {
  return written(interaction, { kind: 'press', press })
}

/** What a moderator wants. */
export function wishOfModerator(
  interaction: Command | ButtonInteraction,
  wanted: ModeratorWish,
): WrittenWish<ModeratorWish> {
  return written(interaction, wanted)
}

function written<Wanted>(interaction: Command | ButtonInteraction, wanted: Wanted): WrittenWish<Wanted> {
  const { token, context, appPermissions } = interaction
  return {
    ...wisherOf(interaction),
    token,
    isDirect: context === InteractionContextType.BotDM,
    mayAttach: appPermissions.has(PermissionFlagsBits.AttachFiles),
    wanted,
  }
}

function wantedBy({ client, clipHosts }: BotContext, interaction: Command): CommandWish {
  if (interaction.isChatInputCommand()) {
    const { options, id } = interaction
    const file = options.getAttachment('clip')
    const clips = file === null ? [] : [clipOfFile(file, `option/${id}`)]
    return { kind: 'command', name: options.getSubcommand(), question: options.getString('question') ?? '', clips }
  }
  const { targetMessage } = interaction
  if (targetMessage.author.id === client.user.id) return { kind: 'menu', clips: [], answerId: targetMessage.id }
  return { kind: 'menu', clips: findClips(contentOfMessage(targetMessage), clipHosts) }
}
