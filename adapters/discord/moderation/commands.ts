// The subcommands for moderators, offered where moderation is on.
import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  ChannelType,
  Locale,
  type LocalizationMap,
} from 'discord.js'
import { languageOf } from '../../../src/conversation/texts/locale.ts'
import type { ModerationCommandName } from '../../../src/moderation/platform/desk.ts'
import { MODERATION_TEXTS } from '../../../src/moderation/texts/locale.ts'
import type { ModerationTexts } from '../../../src/moderation/texts/texts.ts'

/** Names of the subcommands; `forget` is that of a conversation. */
const NAMES: Readonly<Record<ModerationCommandName, string>> = {
  watch: 'watch',
  unwatch: 'unwatch',
  rules: 'rules',
  digest: 'digest',
  status: 'status',
  audit: 'audit',
  forget: 'forget-records',
}

const WATCHABLE = [
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildForum,
  ChannelType.GuildMedia,
  ChannelType.GuildVoice,
  ChannelType.PublicThread,
] as const

/** True for the name of one of these subcommands. */
export function isModerationCommand(name: string): boolean {
  return Object.values(NAMES).includes(name)
}

/** The subcommands in every language that there is. */
export const MODERATION_SUBCOMMANDS: readonly APIApplicationCommandSubcommandOption[] = [
  subcommand('watch', [channelOption()]),
  subcommand('unwatch', [channelOption()]),
  subcommand('rules'),
  subcommand('digest'),
  subcommand('status'),
  subcommand('audit'),
  subcommand('forget', [
    { type: ApplicationCommandOptionType.User, name: 'user', ...described((texts) => texts.parameters.user) },
    { type: ApplicationCommandOptionType.String, name: 'message', ...described((texts) => texts.parameters.message) },
    {
      type: ApplicationCommandOptionType.Boolean,
      name: 'everything',
      ...described((texts) => texts.parameters.everything),
    },
  ]),
]

function channelOption(): APIApplicationCommandBasicOption {
  return {
    type: ApplicationCommandOptionType.Channel,
    name: 'channel',
    ...described((texts) => texts.parameters.channel),
    required: true,
    channel_types: [...WATCHABLE],
  }
}

function subcommand(
  name: ModerationCommandName,
  options: APIApplicationCommandBasicOption[] = [],
): APIApplicationCommandSubcommandOption {
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name: NAMES[name],
    ...described((texts) => texts.commands[name]),
    ...(options.length > 0 ? { options } : {}),
  }
}

function described(text: (texts: ModerationTexts) => string): {
  description: string
  description_localizations: LocalizationMap
} {
  const others = Object.values(Locale).filter((locale) => languageOf(locale) !== 'en')
  return {
    description: text(MODERATION_TEXTS.en),
    description_localizations: Object.fromEntries(
      others.map((locale) => [locale, text(MODERATION_TEXTS[languageOf(locale)])]),
    ),
  }
}
