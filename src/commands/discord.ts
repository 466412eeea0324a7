// `valley discord`: the group of commands about the Discord application.
import type { Command } from 'commander'
import { registerDiscordInvite } from './discord-invite.ts'

const EXAMPLES = `
Example:
  $ valley discord invite
`

/** Adds the group. */
export function registerDiscord(program: Command): void {
  const group = program
    .command('discord')
    .summary('print the links that bring Valley to Discord')
    .description('Print the links that bring Valley to Discord.')
    .addHelpText('after', EXAMPLES)
  registerDiscordInvite(group)
}
