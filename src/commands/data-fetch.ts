// `valley data fetch`: the clips of a table that are known by their addresses, as files.
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { dataError } from '../data/data-error.ts'
import { clipFetcher } from '../data/fetch/clip-fetcher.ts'
import { type FetchCounts, fetchClips } from '../data/fetch/fetch-clips.ts'
import { clipDownloadOf } from './clip-download.ts'
import { type CommandContext, withContext } from './context.ts'
import { leftOutLines, tellLeftOut } from './data-options.ts'
import { wholeNumber } from './option-values.ts'
import { spreadFetching } from './spread-work.ts'

interface FetchOptions {
  readonly hosts?: string
  readonly spread?: true
  readonly concurrency: number
  readonly maxBytes?: number
}

const EXAMPLES = `
Examples:
  $ valley data fetch results_2M_train.csv webvid --hosts ak.picdn.net
  $ valley data align results_2M_train.csv alignment.jsonl --clips webvid

What was cut off goes on, also at the next start; what is there is not asked for. Clips with the same bytes take room once.
`

/** Adds the command to the group. */
export function registerDataFetch(group: Command): void {
  group
    .command('fetch')
    .summary('download the clips of a table')
    .description('Download the clips that a table names by their addresses into a folder that the other commands read.')
    .argument('<table>', 'clips and captions: .csv, .tsv, .jsonl, .json, .parquet or a folder')
    .argument('<folder>', 'folder of clips, for --clips')
    .option('--hosts <list>', 'hosts that may be asked, by commas: cdn.example.org,*.example.com')
    .option(
      '--spread',
      'in its place: whoever runs `valley data work --hosts`, on any machine, joined by VALLEY_REDIS_URL',
    )
    .option('--concurrency <n>', 'clips under way at once', wholeNumber, 4)
    .option('--max-bytes <n>', 'largest clip (default: limits.maxClipBytes of the settings)', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action((table: string, folder: string, options: FetchOptions) =>
      withContext((context) => fetchTable(table, folder, options, context)),
    )
}

async function fetchTable(
  table: string,
  folder: string,
  options: FetchOptions,
  context: CommandContext,
): Promise<void> {
  const { hosts, spread, concurrency, maxBytes } = options
  const { config, signal } = context
  if ((hosts === undefined) === (spread === undefined) || concurrency < 1 || (spread && maxBytes !== undefined)) {
    const named = [['--hosts', hosts] as const, ['--max-bytes', maxBytes] as const]
    const seen = named.flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`))
    const all = [spread ? '--spread' : 'no --spread', ...seen, `--concurrency ${concurrency}`]
    throw dataError(
      `${all.join(', ')} do not fit; --hosts here or --spread, which leaves hosts and bytes to whoever works, and 1 or more are allowed. Correct them.`,
    )
  }
  const near =
    hosts === undefined
      ? null
      : clipDownloadOf({ hosts, ...(maxBytes === undefined ? {} : { maxBytes }) }, config, signal)
  const far = near === null ? await spreadFetching(context, folder) : null
  const fetch = far?.done ?? clipFetcher(folder, near!, { signal })
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  try {
    const onProgress = (now: FetchCounts) => progress.show(`${now.rows} rows, ${fetchedText(now)}`)
    const counts = await fetchClips({ table, folder, concurrency, signal, onProgress }, fetch, leftOut)
    progress.clear()
    const lines = [
      fetchedText(counts),
      `there before: ${counts.there}, shared with other rows: ${counts.shared}`,
      ...leftOutLines(leftOut),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    progress.clear()
    await far?.close()
  }
}

function fetchedText({ fetched, bytes }: FetchCounts): string {
  return `fetched: ${fetched}, ${(bytes / 2 ** 20).toFixed(1)} MiB`
}
