// `valley config`: the group of commands about settings.
import type { Command } from 'commander'
import { registerConfigCheck } from './config-check.ts'
import { registerConfigExample } from './config-example.ts'
import { registerConfigSchema } from './config-schema.ts'

const EXAMPLES = `
Examples:
  $ valley config example > config/valley.yaml
  $ valley config check
`

/** Adds the group. */
export function registerConfig(program: Command): void {
  const group = program
    .command('config')
    .summary('check the settings, or print an example')
    .description('Check the settings file and the environment, or print an example with every key.')
    .addHelpText('after', EXAMPLES)
  registerConfigCheck(group)
  registerConfigExample(group)
  registerConfigSchema(group)
}
