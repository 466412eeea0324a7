// `valley restore`: a backup in the place of the database.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { restore } from '../storage/backup.ts'
import { withContext } from './context.ts'

const EXAMPLES = `
Example:
  $ valley restore /backups/valley-monday.db

Stop Valley first. The database that was there stays beside the restored one, under another name.
`

/** Adds the command. */
export function registerRestore(program: Command): void {
  program
    .command('restore')
    .summary('put a backup in the place of the database')
    .description('Put a backup in the place of the database, after checking it; Valley must not run meanwhile.')
    .argument('<file>', 'what "valley backup" has written')
    .addHelpText('after', EXAMPLES)
    .action((source: string) =>
      withContext(async ({ config: { dataDirectory } }) => {
        const { file, threads, kept } = await restore(dataDirectory, resolve(source))
        const before = kept === null ? '' : ` What was there before is ${kept}.`
        process.stdout.write(`${plainLine(`Restored ${threads} threads to ${file}.${before}`)}\n`)
      }),
    )
}
