// `valley backup`: the database as one file elsewhere, also while Valley runs.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { backUp } from '../storage/backup.ts'
import { withContext } from './context.ts'
import { byteText } from './number-text.ts'

const EXAMPLES = `
Example:
  $ valley backup /backups/valley-monday.db

The file holds what people wrote and the tokens of workspaces; only its owner can read it. Clips are not in it.
`

/** Adds the command. */
export function registerBackup(program: Command): void {
  program
    .command('backup')
    .summary('copy the database into a new file')
    .description('Copy the database into a new file, also while Valley runs: threads, open questions, installations.')
    .argument('<file>', 'where to; must not be there yet')
    .addHelpText('after', EXAMPLES)
    .action((target: string) =>
      withContext(async ({ config: { dataDirectory } }) => {
        const { file, threads, bytes } = await backUp(dataDirectory, resolve(target))
        process.stdout.write(`${plainLine(`Backed up ${threads} threads to ${file}, ${byteText(bytes)}.`)}\n`)
      }),
    )
}
