// `valley data report`: what a dataset looks like, as one page with pictures.
import { join } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { installationDirectory } from '../config/installation.ts'
import { dataError } from '../data/data-error.ts'
import { readLanguages } from '../data/phrases/read-language.ts'
import { durationHistogram, measureQuality, type Quality } from '../data/quality/measure-quality.ts'
import { renderQualityPage, type ShownRecord } from '../data/quality/quality-page.ts'
import { readDataset } from '../data/read-dataset.ts'
import type { DataRecord } from '../data/record.ts'
import { writeWhole } from '../data/write/write-whole.ts'
import { type CommandContext, withContext } from './context.ts'
import { LANGUAGES_FOLDER } from './data-align.ts'
import { clipsFolderOf, LAYOUT_LIST, layoutNamed, leftOutLines, tellLeftOut } from './data-options.ts'
import { wholeNumber } from './option-values.ts'
import { lengthOfClip, seeClip } from './see-clips.ts'

interface ReportOptions {
  readonly layout: string
  readonly clips?: string
  readonly out?: string
  readonly title?: string
  readonly samples: number
  readonly sample: number
  readonly lengths: number
  readonly seed: number
}

const NOTES = `
Layouts:
${LAYOUT_LIST}

The page opens from the disk, in any browser, without server and network. Without --clips it has no storyboards.

Example:
  $ valley data report my-set/train.jsonl --clips clips
`

/** Adds the command to the group. */
export function registerDataReport(group: Command): void {
  group
    .command('report')
    .summary('show what a dataset looks like, as a page')
    .description(
      'Write an HTML page about a dataset: distributions, and samples with storyboards beside their dialogues.',
    )
    .argument('<files...>', 'JSON lists or JSON lines')
    .option('--layout <name>', 'which set it is', 'llava')
    .option('--clips <folder>', 'folder of clips')
    .option('--out <file>', 'the page (default: FILE.report.html)')
    .option('--title <title>', 'heading of the page (default: the files)')
    .option('--samples <n>', 'records that are shown', wholeNumber, 12)
    .option('--sample <n>', 'records of which languages and phrases are counted', wholeNumber, 5000)
    .option('--lengths <n>', 'clips that are measured where the records do not state their length', wholeNumber, 100)
    .option('--seed <n>', 'which records are drawn', wholeNumber, 0)
    .addHelpText('after', NOTES)
    .action((files: string[], options: ReportOptions) => withContext((context) => report(files, options, context)))
}

async function report(files: readonly string[], options: ReportOptions, context: CommandContext): Promise<void> {
  const { seed, sample: sampleSize, samples } = options
  if (sampleSize < 1) throw dataError('--sample 0 does not fit; 1 or more is needed. Leave it out for 5000.')
  const layout = layoutNamed(options.layout)
  const clipsFolder = clipsFolderOf(options.clips)
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  const languages = await readLanguages(join(installationDirectory(), LANGUAGES_FOLDER))
  async function* records(): AsyncGenerator<DataRecord> {
    for (const file of files) yield* readDataset({ file, layout, clipsFolder }, leftOut)
  }
  const onCount = (count: number) => {
    context.signal.throwIfAborted()
    progress.show(`${count} records`)
  }
  try {
    const quality = await measureQuality(records(), { languages, sampleSize, seed, onCount })
    const shown: ShownRecord[] = []
    for (const record of quality.sample.slice(0, samples)) {
      context.signal.throwIfAborted()
      progress.show(`storyboard ${shown.length + 1} of ${Math.min(samples, quality.sampled)}`)
      const path = clipPath(record, clipsFolder)
      shown.push({ record, clip: path === null ? null : await seeClip(path, context) })
    }
    const durations = await durationsOf(quality, clipsFolder, options.lengths, context, progress)
    const title = options.title ?? `Quality report: ${files.join(', ')}`
    const page = renderQualityPage({ title, files, quality, leftOut: leftOut.counts, durations, shown, seed })
    const out = options.out ?? `${files[0]}.report.html`
    await writeWhole(out, page)
    progress.clear()
    const lines = [`${out}: ${quality.records} records, ${shown.length} shown`, ...leftOutLines(leftOut)]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    progress.clear()
  }
}

/** What records state of the lengths of their clips; else the lengths of some clips. */
async function durationsOf(
  quality: Quality,
  clipsFolder: string | null,
  most: number,
  context: CommandContext,
  progress: ProgressLine,
) {
  if (quality.statedDurations.length > 0) return { bars: quality.statedDurations, of: 'as the records state it' }
  const videos = quality.sample.filter(({ clip }) => clip?.kind === 'video').slice(0, most)
  const histogram = durationHistogram()
  for (const [index, record] of videos.entries()) {
    const path = clipPath(record, clipsFolder)
    if (path === null) break
    context.signal.throwIfAborted()
    progress.show(`length ${index + 1} of ${videos.length}`)
    const seconds = await lengthOfClip(path, context)
    if (seconds !== null) histogram.add(seconds)
  }
  return { bars: histogram.bars(), of: `of ${histogram.total} clips` }
}

function clipPath({ clip }: DataRecord, clipsFolder: string | null): string | null {
  return clip === null || clipsFolder === null ? null : join(clipsFolder, clip.files[0]!)
}
