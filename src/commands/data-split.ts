// `valley data split`: a dataset in parts for training, validation and test, by clip.
import type { Command } from 'commander'
import { dataError } from '../data/data-error.ts'
import { readDataset } from '../data/read-dataset.ts'
import { clipKeyIn } from '../data/splits/clip-key.ts'
import { SPLITS, writeSplits } from '../data/splits/write-splits.ts'
import { withContext } from './context.ts'
import { clipsFolderOf, LAYOUT_LIST, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'
import { decimalNumber, wholeNumber } from './option-values.ts'

interface SplitOptions {
  readonly layout: string
  readonly clips?: string
  readonly validation: number
  readonly test: number
  readonly seed: number
}

const NOTES = `
Layouts:
${LAYOUT_LIST}

With --clips, clips are the same when their bytes are; without, when their names are. A clip's part is decided by the clip and
the seed alone, so a set that grows keeps each clip in its part.
`

/** Adds the command to the group. */
export function registerDataSplit(group: Command): void {
  group
    .command('split')
    .summary('split a dataset by clip')
    .description('Split a dataset into train.jsonl, validation.jsonl and test.jsonl, each clip in one of them.')
    .argument('<file>', 'JSON list or JSON lines')
    .argument('<folder>', 'where the parts are written')
    .option('--layout <name>', 'which set it is', 'llava')
    .option('--clips <folder>', 'folder of clips; compares them by their bytes')
    .option('--validation <share>', 'share of the clips', decimalNumber, 0.05)
    .option('--test <share>', 'share of the clips', decimalNumber, 0.05)
    .option('--seed <n>', 'what is drawn', wholeNumber, 0)
    .addHelpText('after', NOTES)
    .action((file: string, folder: string, options: SplitOptions) => withContext(() => split(file, folder, options)))
}

async function split(file: string, folder: string, options: SplitOptions): Promise<void> {
  const { validation, test, seed } = options
  if (validation < 0 || test < 0 || validation + test >= 1) {
    throw dataError(
      `--validation ${validation} and --test ${test} leave nothing to train on; together they must be below 1. Correct them.`,
    )
  }
  const leftOut = tellLeftOut()
  const clipsFolder = clipsFolderOf(options.clips)
  const records = readDataset({ file, layout: layoutNamed(options.layout), clipsFolder }, leftOut)
  const counts = await writeSplits(records, {
    folder,
    shares: { validation, test },
    seed,
    keyOf: clipKeyIn(clipsFolder),
  })
  const lines = [...SPLITS.map((name) => `${name}: ${counts[name]}`), ...leftOutLines(leftOut)]
  process.stdout.write(`${lines.join('\n')}\n`)
}
