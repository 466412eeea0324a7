// How long `valley data align` takes over captions of the size of WebVid-2M and beyond, and how much memory.
//   npx tsx bench/data-filter.ts [rows]
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { installationDirectory } from '../src/config/installation.ts'
import { buildAlignmentSet } from '../src/data/alignment/build-alignment.ts'
import { PUBLISHED_RULES } from '../src/data/alignment/phrase-filter.ts'
import { LeftOut } from '../src/data/left-out.ts'
import { readLanguages } from '../src/data/phrases/read-language.ts'
import { openRecordWriter } from '../src/data/write/open-record-writer.ts'
import { captionOf } from './made-captions.ts'

/** As many as the paper's set has. */
const DEFAULT_ROWS = 702_000

const rows = Number(process.argv[2] ?? DEFAULT_ROWS)
const folder = await mkdtemp(join(tmpdir(), 'valley-filter-'))
try {
  const table = join(folder, 'clips.csv')
  const file = createWriteStream(table)
  file.write('videoid,contentUrl,duration,page_dir,name\n')
  for (let row = 0; row < rows; row++) {
    const line = `${row},https://example.org/${row}.mp4,PT00H00M18S,${row >> 10},${captionOf(row)}\n`
    if (!file.write(line)) await once(file, 'drain')
  }
  await finished(file.end())

  const languages = await readLanguages(join(installationDirectory(), 'config/data/languages'))
  let most = 0
  const onProgress = () => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  const writer = await openRecordWriter(join(folder, 'rows.jsonl'), { clipsFolder: null })
  const start = performance.now()
  const counts = await buildAlignmentSet(
    {
      ...{ table, clipsFolder: null, languages, language: 'en', target: null, onProgress },
      rules: { ...PUBLISHED_RULES, seed: 0 },
      likeness: { captionLikeness: 0.8, eye: null },
      state: { path: join(folder, 'rows.jsonl.state'), isDue: (ms) => ms >= 30_000 },
    },
    new LeftOut(),
    (record) => writer.write(record),
  )
  await writer.finish()
  const [seconds, cpu] = [(performance.now() - start) / 1000, process.cpuUsage()]
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  process.stdout.write(
    `${rows} rows in ${seconds.toFixed(1)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor time with the making, ${(most / 2 ** 20).toFixed(0)} MiB at most\n`,
  )
} finally {
  await rm(folder, { recursive: true })
}
