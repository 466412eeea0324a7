// `valley data leaks`: clips that are in more than one dataset.
import type { Command } from 'commander'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { dataError } from '../data/data-error.ts'
import { readDataset } from '../data/read-dataset.ts'
import { clipKeyIn } from '../data/splits/clip-key.ts'
import { findLeaks } from '../data/splits/find-leaks.ts'
import { withContext } from './context.ts'
import { clipsFolderOf, LAYOUT_LIST, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'

interface LeaksOptions {
  readonly layout: string
  readonly clips?: string
}

const MAX_SHOWN = 20
const NOTES = `
Layouts:
${LAYOUT_LIST}

With --clips, clips are the same when their bytes are; without, when their names are. Leaks end the command with status 2.
`

/** Adds the command to the group. */
export function registerDataLeaks(group: Command): void {
  group
    .command('leaks')
    .summary('find clips that are in more than one set')
    .description('Read several datasets, e.g. train and test, and tell clips that are in more than one of them.')
    .argument('<files...>', 'JSON lists or JSON lines')
    .option('--layout <name>', 'which sets they are', 'llava')
    .option('--clips <folder>', 'folder of clips; compares them by their bytes')
    .addHelpText('after', NOTES)
    .action((files: string[], options: LeaksOptions) => withContext(() => tellLeaks(files, options)))
}

async function tellLeaks(files: readonly string[], options: LeaksOptions): Promise<void> {
  const layout = layoutNamed(options.layout)
  const clipsFolder = clipsFolderOf(options.clips)
  const leftOut = tellLeftOut()
  const sets = files.map((file) => ({ name: file, records: readDataset({ file, layout, clipsFolder }, leftOut) }))
  let count = 0
  for await (const { id, clip, set, earlierSet } of findLeaks(sets, clipKeyIn(clipsFolder))) {
    count += 1
    if (count <= MAX_SHOWN)
      process.stdout.write(plainText(`${set}: ${id} shows ${clip}, which ${earlierSet} has, too\n`))
  }
  if (count > 0) {
    throw dataError(
      `${count} records show clips that an earlier set has, too; none is allowed. Split the sets anew by "valley data split".`,
    )
  }
  process.stdout.write(`${['no clip is in more than one set', ...leftOutLines(leftOut)].join('\n')}\n`)
}
