// `valley model list`: the packages in the models folder, or those that can be pulled.
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { installationDirectory } from '../config/installation.ts'
import { type CatalogueModel, readCatalogue } from '../model-hub/catalogue.ts'
import { isRestricted } from '../model-hub/licence.ts'
import { listPackages } from '../model-package/list-packages.ts'
import { totalBytes } from '../model-package/open-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { CATALOGUE_FILE } from './model-pull.ts'
import { byteText } from './number-text.ts'

const EXAMPLES = `
Examples:
  $ valley model list
  $ valley model list --available

Sizes of the second are rounded; "valley model pull" asks the hub before it downloads anything. What the columns mean:
docs/models.md.
`

/** Adds the command to the group. */
export function registerModelList(group: Command): void {
  group
    .command('list')
    .summary('list the model packages')
    .description('List the model packages in the models folder (VALLEY_MODELS_DIR), with what each is.')
    .option('--available', 'list the models that can be pulled from the Hugging Face hub')
    .addHelpText('after', EXAMPLES)
    .action(({ available = false }: { available?: boolean }) => withContext(available ? listAvailable : list))
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

async function listAvailable(): Promise<void> {
  const models = await readCatalogue(join(installationDirectory(), CATALOGUE_FILE))
  const rows = [['model', 'download', 'memory', 'speed', 'licence'], ...models.map(availableCells)]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column]!))
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`)
    if (index > 0) process.stdout.write(`  ${models[index - 1]!.description}\n`)
  }
}

function availableCells(model: CatalogueModel): string[] {
  const { repository, downloadGigabytes, memoryGigabytes, precision, speed, licence } = model
  const terms = isRestricted(licence) ? ' (to be agreed to)' : ''
  return [repository, `${downloadGigabytes} GB`, `${memoryGigabytes} GB at ${precision}`, speed, `${licence}${terms}`]
}
