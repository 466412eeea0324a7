// `valley moderation notice`: what a server tells its people about being watched.
import { type Command, Option } from 'commander'
import { LOCALES } from '../config/settings-schema.ts'
import { moderationTextsFor } from '../moderation/texts/locale.ts'
import { type CommandContext, withContext } from './context.ts'

/** Adds the command to the group. */
export function registerModerationNotice(group: Command): void {
  group
    .command('notice')
    .summary("print a text for a server's rules page")
    .description('Print what people should know where their clips are looked at, for the rules page of a server.')
    .addOption(new Option('--locale <language>', 'its language').choices([...LOCALES]))
    .action(({ locale }: { locale?: string }) => withContext((context) => notice(locale, context)))
}

async function notice(locale: string | undefined, { config }: CommandContext): Promise<void> {
  const texts = moderationTextsFor(locale ?? config.locale)
  process.stdout.write(`${texts.notice(config.moderation.retentionDays)}\n`)
}
