// `valley discord invite`: the links by which a guild or a person gets Valley.
import type { Command } from 'commander'
import type { InviteWishes } from '../../adapters/discord/invite.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { AppError } from '../errors.ts'

const EXAMPLES = `
Examples:
  $ valley discord invite
  $ valley discord invite --application-id 123456789012345678

The id comes from DISCORD_TOKEN unless it is given. Which permissions the link asks for follows from the settings:
discord.openThreads and storyboard. The second link works once "User Install" is ticked on the application's page
"Installation" in the developer portal (https://discord.com/developers/applications).
`

/** Adds the command to the group. */
export function registerDiscordInvite(group: Command): void {
  group
    .command('invite')
    .summary('print the invite links')
    .description(
      'Print the link that adds Valley to a server, with the least permissions, and the one for yourself alone.',
    )
    .option('--application-id <id>', 'id of the application, from its page in the developer portal')
    .addHelpText('after', EXAMPLES)
    .action((options: { applicationId?: string }) => invite(options.applicationId, loadConfig()))
}

async function invite(named: string | undefined, config: Config): Promise<void> {
  // Loaded here, so that no other command waits for discord.js.
  const { applicationIdOf, guildInstallUrl, invitePermissions, isDiscordId, userInstallUrl } = await import(
    '../../adapters/discord/invite.ts'
  )
  const applicationId = named ?? idOfToken(config, applicationIdOf)
  if (!isDiscordId(applicationId)) {
    throw wrongUse(`--application-id is ${JSON.stringify(applicationId)}; an id has 17 to 20 digits`)
  }
  const wishes = wishesOf(config)
  const permissions = invitePermissions(wishes).map(({ permission, use }) => `  ${permission.padEnd(22)}${use}\n`)
  process.stdout.write(
    `Add Valley to a server:\n${guildInstallUrl(applicationId, wishes)}\n\nIt asks for:\n${permissions.join('')}\n` +
      `Use /valley and the message menu yourself, in every chat:\n${userInstallUrl(applicationId)}\n`,
  )
}

function idOfToken({ secrets }: Config, applicationIdOf: (token: string) => string | null): string {
  const token = secrets.DISCORD_TOKEN
  if (token === null) {
    throw wrongUse('the application is not known; set DISCORD_TOKEN, or give --application-id')
  }
  const id = applicationIdOf(token.reveal())
  if (id === null) {
    throw wrongUse(
      'DISCORD_TOKEN does not begin with the id of a bot, as bot tokens do; copy it from the bot page of the developer ' +
        'portal again, or give --application-id',
    )
  }
  return id
}

/** A storyboard in one channel is enough to need the permission for it. */
function wishesOf({ discord, storyboard, channels, moderation }: Config): InviteWishes {
  const overrides = Object.entries(channels).filter(([name]) => name.startsWith('discord:'))
  return {
    openThreads: discord.openThreads,
    storyboard: storyboard || overrides.some(([, override]) => override.storyboard === true),
    ...(moderation.rulesFile === null ? {} : { moderation }),
  }
}

function wrongUse(seen: string): AppError {
  return new AppError('CONFIG_INVALID', `valley discord invite: ${seen}. See "valley discord invite --help".`)
}
