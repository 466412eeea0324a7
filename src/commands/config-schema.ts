// `valley config schema`: the JSON schema of the settings file, for editors.
import type { Command } from 'commander'
import { renderJsonSchema } from '../config/example.ts'

const EXAMPLES = `
Example:
  $ valley config schema > config/valley.schema.json
`

/** Adds the command to the group. */
export function registerConfigSchema(group: Command): void {
  group
    .command('schema')
    .summary('print the JSON schema of the settings file')
    .description('Print the JSON schema of the settings file; editors with YAML support check and complete by it.')
    .addHelpText('after', EXAMPLES)
    .action(() => {
      process.stdout.write(renderJsonSchema())
    })
}
