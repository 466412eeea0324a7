// `valley data align`: a set for the first phase of training, from a table of clips and captions.
import { join } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { installationDirectory } from '../config/installation.ts'
import { type AlignmentCounts, type AlignmentRequest, buildAlignmentSet } from '../data/alignment/build-alignment.ts'
import type { ClipEye } from '../data/alignment/near-clips.ts'
import { PUBLISHED_RULES } from '../data/alignment/phrase-filter.ts'
import { sightOf } from '../data/alignment/see-clip.ts'
import { dataError } from '../data/data-error.ts'
import type { LeftOut } from '../data/left-out.ts'
import { readLanguages } from '../data/phrases/read-language.ts'
import { endWhole } from '../data/write/end-whole.ts'
import { openRecordWriter } from '../data/write/open-record-writer.ts'
import { clipEyeOf } from './clip-eye.ts'
import { type CommandContext, withContext } from './context.ts'
import { clipsFolderOf, leftOutLines, tellLeftOut, writeReport } from './data-options.ts'
import { decimalNumber, wholeNumber } from './option-values.ts'
import { spreadSight } from './spread-work.ts'

interface AlignOptions {
  readonly clips?: string
  readonly language: string
  readonly min: number
  readonly max: number
  readonly target?: number
  readonly seed: number
  readonly near: number
  readonly alike?: true
  readonly spread?: true
  readonly concurrency: number
  readonly json?: string
}

const EXAMPLES = `
Examples:
  $ valley data align results_2M_train.csv alignment.jsonl --clips webvid
  $ valley data align captions.parquet alignment.jsonl --language zh --target 50000

Noun phrases that fewer than --min captions hold are dropped; from the rarest of the others on, all captions with a phrase
are taken, of one that more than --max hold, --max drawn by --seed. A run that was broken off goes on with the same command.
docs/data.md has the columns of tables.
`

/** Often enough that little is lost, seldom enough that the disk is not busy with it. */
const STATE_EVERY_MS = 30_000
/** Where the languages stand in an installation. */
export const LANGUAGES_FOLDER = 'config/data/languages'

/** Adds the command to the group. */
export function registerDataAlign(group: Command): void {
  group
    .command('align')
    .summary('build a set of clips and captions')
    .description(
      'Build a set for the first phase of training: captions filtered by noun phrases, each with a question.',
    )
    .argument('<table>', 'clips and captions: .csv, .tsv, .jsonl, .json, .parquet or a folder')
    .argument('<out>', 'what to write: .jsonl, .json, .parquet or .tar')
    .option('--clips <folder>', 'folder of clips; leaves out what is not there and what is there twice')
    .option('--language <name>', 'of rows that name none: en, es, de or zh', 'en')
    .option('--min <n>', 'fewest captions that a phrase must be in', wholeNumber, PUBLISHED_RULES.minCount)
    .option('--max <n>', 'most captions that are taken for a phrase', wholeNumber, PUBLISHED_RULES.maxCount)
    .option(
      '--near <share>',
      'from which share of the same word pairs on captions are alike; 1: none',
      decimalNumber,
      0.8,
    )
    .option('--alike', 'also leave out clips that look like an earlier one; decodes every clip of --clips')
    .option('--concurrency <n>', 'clips of --clips that are looked at at once', wholeNumber, 4)
    .option(
      '--spread',
      'has them looked at by whoever runs `valley data work`, on any machine, joined by VALLEY_REDIS_URL',
    )
    .option('--target <n>', 'end the walk at so many captions', wholeNumber)
    .option('--seed <n>', 'what is drawn', wholeNumber, 0)
    .option('--json <file>', 'also write counts and options to a file, for `valley data card`')
    .addHelpText('after', EXAMPLES)
    .action((table: string, out: string, options: AlignOptions) =>
      withContext((context) => align(table, out, options, context)),
    )
}

async function align(table: string, out: string, options: AlignOptions, context: CommandContext): Promise<void> {
  const { config, signal } = context
  const leftOut = tellLeftOut()
  const clipsFolder = clipsFolderOf(options.clips)
  for (const name of ['alike', 'spread'] as const) {
    if (options[name] !== true || clipsFolder !== null) continue
    throw dataError(`--${name} looks at clips; a folder of them is needed. Name one by --clips.`)
  }
  if (options.concurrency < 1) throw dataError('--concurrency 0 does not fit; 1 or more is allowed. Correct it.')
  const languages = await readLanguages(join(installationDirectory(), LANGUAGES_FOLDER))
  const eye = options.alike === true ? clipEyeOf(config, signal) : null
  const progress = new ProgressLine(process.stderr)
  const writer = await openRecordWriter(out, { clipsFolder })
  const request = {
    ...{ table, clipsFolder, languages, signal, language: options.language, target: options.target ?? null },
    rules: { minCount: options.min, maxCount: options.max, seed: options.seed },
    likeness: { captionLikeness: options.near, eye },
    state: { path: `${out}.state`, isDue: (ms: number) => ms >= STATE_EVERY_MS },
    onProgress: (pass: number, rows: number) => progress.show(`reading ${pass}, ${rows} rows`),
  }
  let counts: AlignmentCounts
  try {
    counts = await endWhole([writer], () =>
      withSight(options, eye, context, (sight) =>
        buildAlignmentSet({ ...request, ...sight }, leftOut, (record) => writer.write(record)),
      ),
    )
  } finally {
    progress.clear()
  }
  process.stdout.write(`${summaryText(counts, leftOut)}\n`)
  if (options.json === undefined) return
  const { min, max, near, alike = false, target = null, seed, language } = options
  const made = { by: 'valley data align', min, max, near, alike, target, seed, language }
  await writeReport(options.json, { made, ...counts, leftOut: leftOut.counts })
}

/** Does something with whoever looks at the clips. */
async function withSight<Result>(
  { clips, spread, concurrency }: AlignOptions,
  eye: ClipEye | null,
  context: CommandContext,
  build: (sight: Pick<AlignmentRequest, 'sight'>) => Promise<Result>,
): Promise<Result> {
  if (clips === undefined) return build({})
  if (spread !== true) return build({ sight: { see: sightOf(clips, eye), atOnce: concurrency } })
  const far = await spreadSight(context, clips, eye !== null)
  try {
    return await build({ sight: { see: far.done, atOnce: concurrency } })
  } finally {
    await far.close()
  }
}

function summaryText(counts: AlignmentCounts, leftOut: LeftOut): string {
  return [
    `written: ${counts.written} of ${counts.rows} rows`,
    `phrases: ${counts.phrases}, of ${counts.cappedPhrases} of them captions were drawn`,
    `same caption as another: ${counts.sameCaption}, same clip: ${counts.sameClip}`,
    `nearly the same caption: ${counts.nearCaption}, alike clip: ${counts.nearClip}`,
    `taken by no phrase: ${counts.notTaken}, behind the target: ${counts.behindTarget}`,
    ...leftOutLines(leftOut),
  ].join('\n')
}
