// How long the numbers of `valley data report` take over sets of growing size, and how much memory: what is kept must not grow.
//   npx tsx bench/data-report.ts [rows...]
// Each size is measured in a process of its own, which begins with nothing kept.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installationDirectory } from '../src/config/installation.ts'
import { LeftOut } from '../src/data/left-out.ts'
import { readLanguages } from '../src/data/phrases/read-language.ts'
import { durationHistogram, measureQuality } from '../src/data/quality/measure-quality.ts'
import { renderQualityPage } from '../src/data/quality/quality-page.ts'
import { readDataset } from '../src/data/read-dataset.ts'
import { openRecordWriter } from '../src/data/write/open-record-writer.ts'
import { captionOf } from './made-captions.ts'

const DEFAULT_ROWS = [100_000, 1_000_000]
/** What the command takes unless it is told otherwise. */
const SAMPLE_SIZE = 5_000
const SHOWN = 12

const [first, file] = process.argv.slice(2)
if (process.send !== undefined && file !== undefined) await report(Number(first), file)
else await measureAll(process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_ROWS)

async function measureAll(sizes: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'valley-report-'))
  try {
    for (const rows of sizes) {
      const set = join(folder, 'rows.jsonl')
      await writeSet(set, rows)
      const child = fork(fileURLToPath(import.meta.url), [String(rows), set], { execArgv: process.execArgv })
      await once(child, 'exit')
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writeSet(path: string, rows: number): Promise<void> {
  const writer = await openRecordWriter(path, { clipsFolder: null })
  for (let row = 0; row < rows; row++) {
    const turns = [{ question: 'What is in the video?\n<video>', answer: captionOf(row) }]
    const clip = { kind: 'video', files: [`${row >> 10}/${row}.mp4`] } as const
    await writer.write({ id: String(row), clip, source: 'made', turns, extra: { duration: row % 60 } })
  }
  await writer.finish()
}

/** Everything that the command does without clips. */
async function report(rows: number, set: string): Promise<void> {
  const languages = await readLanguages(join(installationDirectory(), 'config/data/languages'))
  let most = 0
  const onCount = () => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  const [start, before] = [performance.now(), process.cpuUsage()]
  const records = readDataset({ file: set, layout: 'llava', clipsFolder: null }, new LeftOut())
  const quality = await measureQuality(records, { languages, sampleSize: SAMPLE_SIZE, seed: 0, onCount })
  const shown = quality.sample.slice(0, SHOWN).map((record) => ({ record, clip: null }))
  const durations = { bars: durationHistogram().bars(), of: '' }
  const page = renderQualityPage({ title: set, files: [set], quality, leftOut: {}, durations, shown, seed: 0 })
  onCount()
  const [seconds, cpu] = [(performance.now() - start) / 1000, process.cpuUsage(before)]
  process.stdout.write(
    `${rows} rows in ${seconds.toFixed(1)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor time, ${(most / 2 ** 20).toFixed(0)} MiB at most, a page of ${(page.length / 1024).toFixed(0)} KiB\n`,
  )
}
