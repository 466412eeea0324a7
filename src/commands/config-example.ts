// `valley config example`: the settings file with every key, to begin with.
import type { Command } from 'commander'
import { renderExample } from '../config/example.ts'

const EXAMPLES = `
Example:
  $ valley config example > config/valley.yaml
`

/** Adds the command to the group. */
export function registerConfigExample(group: Command): void {
  group
    .command('example')
    .summary('print a settings file with every key')
    .description('Print a settings file (YAML) with every key, its default and one line of explanation.')
    .addHelpText('after', EXAMPLES)
    .action(() => {
      process.stdout.write(renderExample())
    })
}
