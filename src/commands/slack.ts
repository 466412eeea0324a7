// `valley slack`: the group of commands about the Slack app.
import type { Command } from 'commander'
import { registerSlackManifest } from './slack-manifest.ts'

const EXAMPLES = `
Example:
  $ valley slack manifest
`

/** Adds the group. */
export function registerSlack(program: Command): void {
  const group = program
    .command('slack')
    .summary('print what Slack needs to know of Valley')
    .description('Print what Slack needs to know of Valley.')
    .addHelpText('after', EXAMPLES)
  registerSlackManifest(group)
}
