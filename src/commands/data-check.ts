// `valley data check`: what a dataset holds, and what of it cannot be used.
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { countDataset, type DatasetCounts } from '../data/count-dataset.ts'
import type { LeftOut } from '../data/left-out.ts'
import { readDataset } from '../data/read-dataset.ts'
import { type CommandContext, withContext } from './context.ts'
import { clipsFolderOf, LAYOUT_LIST, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'

interface CheckOptions {
  readonly layout: string
  readonly clips?: string
  readonly json?: true
}

const NOTES = `
Layouts:
${LAYOUT_LIST}

Records that are wrong are told with file and row and counted; they do not change the exit status.
`

/** Adds the command to the group. */
export function registerDataCheck(group: Command): void {
  group
    .command('check')
    .summary('tell what a dataset holds and what of it is wrong')
    .description('Read every record of a dataset and tell what it holds, and what is wrong with which row.')
    .argument('<file>', 'JSON list or JSON lines')
    .option('--layout <name>', 'which set it is', 'llava')
    .option('--clips <folder>', 'folder of clips; also tells records whose clip is not there')
    .option('--json', 'print the counts as an object')
    .addHelpText('after', NOTES)
    .action((file: string, options: CheckOptions) => withContext((context) => check(file, options, context)))
}

async function check(file: string, options: CheckOptions, { signal }: CommandContext): Promise<void> {
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  const source = { file, layout: layoutNamed(options.layout), clipsFolder: clipsFolderOf(options.clips) }
  const counts = await countDataset(readDataset(source, leftOut), (count) => {
    signal.throwIfAborted()
    progress.show(`${count} records`)
  }).finally(() => progress.clear())
  const text = options.json
    ? JSON.stringify({ ...counts, leftOut: leftOut.counts }, null, 2)
    : summaryText(counts, leftOut)
  process.stdout.write(`${text}\n`)
}

function summaryText(counts: DatasetCounts, leftOut: LeftOut): string {
  const sources = Object.entries(counts.sources).map(([source, count]) => `  from ${source}: ${count}`)
  return [
    `records: ${counts.records} (${counts.videos} with a video, ${counts.images} with images, ${counts.words} of words alone)`,
    ...sources,
    `turns: ${counts.turns}, answers of ${counts.meanAnswerWords.toFixed(1)} words on average`,
    ...leftOutLines(leftOut),
  ].join('\n')
}
