// `valley data convert`: a dataset in another form.
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { readDataset } from '../data/read-dataset.ts'
import { endWhole } from '../data/write/end-whole.ts'
import { openRecordWriter } from '../data/write/open-record-writer.ts'
import { type CommandContext, withContext } from './context.ts'
import { clipsFolderOf, LAYOUT_LIST, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'

interface ConvertOptions {
  readonly layout: string
  readonly clips?: string
}

const NOTES = `
Layouts:
${LAYOUT_LIST}

What is written shows in the name: .jsonl (as training/ reads), .json (a list, as published), .parquet, or .tar, shards of
WebDataset, with the clips in them where --clips is given.
`
const TELL_EVERY = 1_000

/** Adds the command to the group. */
export function registerDataConvert(group: Command): void {
  group
    .command('convert')
    .summary('write a dataset in another form')
    .description('Read a dataset and write what of it is right in another form.')
    .argument('<file>', 'JSON list or JSON lines')
    .argument('<out>', 'what to write: .jsonl, .json, .parquet or .tar')
    .option('--layout <name>', 'which set it is', 'llava')
    .option('--clips <folder>', 'folder of clips; records whose clip is not there are left out')
    .addHelpText('after', NOTES)
    .action((file: string, out: string, options: ConvertOptions) =>
      withContext((context) => convert(file, out, options, context)),
    )
}

async function convert(file: string, out: string, options: ConvertOptions, { signal }: CommandContext): Promise<void> {
  const source = { file, layout: layoutNamed(options.layout), clipsFolder: clipsFolderOf(options.clips) }
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  const writer = await openRecordWriter(out, { clipsFolder: source.clipsFolder })
  let count = 0
  try {
    await endWhole([writer], async () => {
      for await (const record of readDataset(source, leftOut)) {
        await writer.write(record)
        count += 1
        if (count % TELL_EVERY === 0) {
          signal.throwIfAborted()
          progress.show(`${count} records`)
        }
      }
    })
  } finally {
    progress.clear()
  }
  process.stdout.write(`${[`written: ${count}`, ...leftOutLines(leftOut)].join('\n')}\n`)
}
