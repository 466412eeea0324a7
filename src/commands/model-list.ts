// `valley model list`: the packages in the models folder.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { listPackages } from '../model-package/list-packages.ts'
import { totalBytes } from '../model-package/open-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText } from './number-text.ts'

const EXAMPLES = `
Example:
  $ valley model list
`

/** Adds the command to the group. */
export function registerModelList(group: Command): void {
  group
    .command('list')
    .summary('list the model packages')
    .description('List the model packages in the models folder (VALLEY_MODELS_DIR), with what each is.')
    .addHelpText('after', EXAMPLES)
    .action(() => withContext(list))
}

async function list({ config }: CommandContext): Promise<void> {
  const packages = await listPackages(config.modelsDirectory)
  if (packages.length === 0) process.stdout.write(`No model package in ${config.modelsDirectory}\n`)
  for (const entry of packages) {
    if (entry.ok) {
      const { manifest } = entry.modelPackage
      const size = byteText(totalBytes(manifest))
      const what = `${manifest.precision}, ${size}, ${manifest.licence}: ${manifest.description}`
      process.stdout.write(`${plainLine(`${manifest.name}  ${what}`)}\n`)
    } else {
      process.stdout.write(
        `${plainLine(`${basename(entry.directory)}  ${entry.error.code}: ${entry.error.message}`)}\n`,
      )
    }
  }
}
