// `valley data fetch`: the clips of a table that are known by their addresses, as files.
import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { dataError } from '../data/data-error.ts'
import { type ClipDownload, type FetchCounts, fetchClips } from '../data/fetch/fetch-clips.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../video/download-limits.ts'
import { keepDownload } from '../video/keep-download.ts'
import { sniffClip } from '../video/sniff.ts'
import { type CommandContext, withContext } from './context.ts'
import { leftOutLines, tellLeftOut } from './data-options.ts'
import { wholeNumber } from './option-values.ts'

interface FetchOptions {
  readonly hosts: string
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
    .requiredOption('--hosts <list>', 'hosts that may be asked, by commas: cdn.example.org,*.example.com')
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
  { hosts, concurrency, maxBytes }: FetchOptions,
  { config, signal }: CommandContext,
): Promise<void> {
  const allowedHosts = hosts.split(',').flatMap((host) => host.trim() || [])
  const maxClipBytes = maxBytes ?? config.limits.maxClipBytes
  if (allowedHosts.length === 0 || concurrency < 1 || maxClipBytes < 1) {
    const seen = `--hosts ${hosts}, --concurrency ${concurrency}, --max-bytes ${maxClipBytes}`
    throw dataError(`${seen} do not fit; one host or more, and 1 or more of each are allowed. Correct them.`)
  }
  const { trustedHosts } = config
  const download: ClipDownload = async (url, path) => {
    const limits = { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes }
    const bytes = await keepDownload({ url, allowedHosts }, path, { limits, trustedHosts, signal })
    try {
      await sniffClip(path)
    } catch (error) {
      await rm(path)
      throw error
    }
    return bytes
  }
  const leftOut = tellLeftOut()
  const progress = new ProgressLine(process.stderr)
  try {
    const onProgress = (now: FetchCounts) => progress.show(`${now.rows} rows, ${fetchedText(now)}`)
    const counts = await fetchClips({ table, folder, concurrency, signal, onProgress }, download, leftOut)
    progress.clear()
    const lines = [
      fetchedText(counts),
      `there before: ${counts.there}, shared with other rows: ${counts.shared}`,
      ...leftOutLines(leftOut),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    progress.clear()
  }
}

function fetchedText({ fetched, bytes }: FetchCounts): string {
  return `fetched: ${fetched}, ${(bytes / 2 ** 20).toFixed(1)} MiB`
}
