// `valley data rate`: a page on which people rate records, blind to who wrote them.
import { join } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { dataError } from '../data/data-error.ts'
import { chooseItems, type RatedSource } from '../data/rating/choose-items.ts'
import { ratingKey, renderRatingPage, type ShownItem } from '../data/rating/rating-page.ts'
import { readDataset } from '../data/read-dataset.ts'
import type { DataRecord } from '../data/record.ts'
import { writeWhole } from '../data/write/write-whole.ts'
import { type CommandContext, withContext } from './context.ts'
import { clipsFolderOf, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'
import { wholeNumber } from './option-values.ts'
import { seeClip } from './see-clips.ts'

interface RateOptions {
  readonly generated: readonly string[]
  readonly human: readonly string[]
  readonly layout: string
  readonly clips?: string
  readonly count: number
  readonly seed: number
  readonly title: string
}

const EXAMPLES = `
Example:
  $ valley data rate page.html --generated instructions.jsonl --human written.jsonl --clips clips --count 40
  $ valley data agreement ratings-*.json --key page.html.key.json

Send the page to the raters and keep the key to yourself: it says which record is from where. The page works from the disk,
without server and network, keeps the answers of whoever rates, and saves them as JSON or CSV.
`

/** Adds the command to the group. */
export function registerDataRate(group: Command): void {
  group
    .command('rate')
    .summary('write a page on which people rate records, blind to who wrote them')
    .description('Draw records of generated and of human-written sets, mix them, and write a page to rate them on.')
    .argument('<page>', 'the page to write; its key is written beside it')
    .option('--generated <files...>', 'sets that a language model wrote', [])
    .option('--human <files...>', 'sets that people wrote', [])
    .option('--layout <name>', 'which sets they are', 'llava')
    .option('--clips <folder>', 'folder of clips, for the storyboards')
    .option('--count <n>', 'records on the page', wholeNumber, 40)
    .option('--seed <n>', 'which records are drawn', wholeNumber, 0)
    .option('--title <title>', 'heading of the page; it must not say what is from where', 'What is said of these clips')
    .addHelpText('after', EXAMPLES)
    .action((page: string, options: RateOptions) => withContext((context) => rate(page, options, context)))
}

async function rate(page: string, options: RateOptions, context: CommandContext): Promise<void> {
  const { generated, human, count, seed } = options
  if (generated.length + human.length === 0 || count < 2) {
    const seen = `--generated with ${generated.length} files, --human with ${human.length}, --count ${count}`
    throw dataError(`${seen} do not fit; at least one file and 2 records are needed. Correct them.`)
  }
  const layout = layoutNamed(options.layout)
  const clipsFolder = clipsFolderOf(options.clips)
  const leftOut = tellLeftOut()
  async function* recordsOf(files: readonly string[]): AsyncGenerator<DataRecord> {
    for (const file of files) {
      for await (const record of readDataset({ file, layout, clipsFolder }, leftOut)) {
        context.signal.throwIfAborted()
        yield record
      }
    }
  }
  const sources: RatedSource[] = [
    { origin: 'generated', records: recordsOf(generated) },
    { origin: 'human', records: recordsOf(human) },
  ]
  const given = sources.filter(({ origin }) => (origin === 'human' ? human : generated).length > 0)
  const items = await chooseItems(given, count, seed)
  if (items.length === 0) {
    throw dataError(
      `${[...generated, ...human].join(', ')} have no record that can be rated; at least one is needed. Correct the files or --clips.`,
    )
  }
  const progress = new ProgressLine(process.stderr)
  const shown: ShownItem[] = []
  try {
    for (const item of items) {
      context.signal.throwIfAborted()
      progress.show(`storyboard ${shown.length + 1} of ${items.length}`)
      const file = item.record.clip?.files[0]
      const clip = file === undefined || clipsFolder === null ? null : await seeClip(join(clipsFolder, file), context)
      shown.push({ item, clip })
    }
  } finally {
    progress.clear()
  }
  await writeWhole(page, renderRatingPage(options.title, shown))
  const key = `${page}.key.json`
  await writeWhole(key, `${JSON.stringify(ratingKey(items), null, 2)}\n`)
  const by = (['generated', 'human'] as const).map((origin) => items.filter((item) => item.origin === origin).length)
  const lines = [
    `${page}: ${items.length} records to rate, ${by[0]} generated, ${by[1]} by people`,
    `${key}: says which is which; keep it from the raters`,
    ...leftOutLines(leftOut),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
