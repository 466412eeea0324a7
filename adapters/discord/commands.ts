// The commands that the bot offers, in every language that there is.
import {
  type APIApplicationCommandAttachmentOption,
  type APIApplicationCommandStringOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  Locale,
  type LocalizationMap,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { LANGUAGES, languageOf } from '../../src/conversation/texts/locale.ts'
import type { CommandName, Texts } from '../../src/conversation/texts/texts.ts'
import { MODERATION_SUBCOMMANDS } from './moderation/commands.ts'

/** The slash command. */
export const SLASH_COMMAND = 'valley'
/** The entry in the menu of a message. */
export const DESCRIBE_CLIP_COMMAND = LANGUAGES.en.describeClip

/** Guilds install the bot, and people install it for themselves. */
const EVERYWHERE = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
}

/** Longest question that can be typed; longer ones come as a post. */
const MAX_QUESTION_LENGTH = 1500

const CLIP: APIApplicationCommandAttachmentOption = {
  type: ApplicationCommandOptionType.Attachment,
  name: 'clip',
  ...described((texts) => texts.parameters.clip),
  // By the file's ending only. Discord advises to name the common endings beside the kind.
  file_types: ['video', '.mp4', '.mov', '.webm', '.gif'],
}

const QUESTION: APIApplicationCommandStringOption = {
  type: ApplicationCommandOptionType.String,
  name: 'question',
  ...described((texts) => texts.parameters.question),
  required: true,
  max_length: MAX_QUESTION_LENGTH,
}

/** All commands as Discord is to have them. */
export const COMMANDS: readonly RESTPostAPIApplicationCommandsJSONBody[] = [
  {
    type: ApplicationCommandType.ChatInput,
    name: SLASH_COMMAND,
    ...described((texts) => texts.commands.ask),
    ...EVERYWHERE,
    options: [
      subcommand('ask', [QUESTION, CLIP]),
      subcommand('describe', [CLIP]),
      subcommand('reset'),
      subcommand('forget'),
      subcommand('help'),
    ],
  },
  {
    type: ApplicationCommandType.Message,
    name: DESCRIBE_CLIP_COMMAND,
    name_localizations: localized((texts) => texts.describeClip),
    ...EVERYWHERE,
  },
]

/** The commands with or without those for moderators. */
export function commandsOf({ moderates }: { readonly moderates: boolean }): typeof COMMANDS {
  if (!moderates) return COMMANDS
  return COMMANDS.map((command) =>
    command.name === SLASH_COMMAND && command.type === ApplicationCommandType.ChatInput
      ? { ...command, options: [...(command.options ?? []), ...MODERATION_SUBCOMMANDS] }
      : command,
  ) as typeof COMMANDS
}

function subcommand(
  name: CommandName,
  options: (APIApplicationCommandAttachmentOption | APIApplicationCommandStringOption)[] = [],
): APIApplicationCommandSubcommandOption {
  const description = described((texts) => texts.commands[name])
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name,
    ...description,
    ...(options.length > 0 ? { options } : {}),
  }
}

function described(text: (texts: Texts) => string): {
  description: string
  description_localizations: LocalizationMap
} {
  return { description: text(LANGUAGES.en), description_localizations: localized(text) }
}

/** The text for each of Discord's locales whose language there is; English is what stands without one. */
function localized(text: (texts: Texts) => string): LocalizationMap {
  const others = Object.values(Locale).filter((locale) => languageOf(locale) !== 'en')
  return Object.fromEntries(others.map((locale) => [locale, text(LANGUAGES[languageOf(locale)])]))
}
