// How long `valley data align` takes over captions of the size of WebVid-2M and beyond, and how much memory.
//   npx tsx bench/data-filter.ts [rows]
// Captions are made: words drawn from a vocabulary as natural language has it, the n-th word about 1/n as often as the first,
// so that phrases are as many and as unevenly spread as in real ones.
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
import { drawnFrom } from '../src/data/phrases/text-hash.ts'
import { openRecordWriter } from '../src/data/write/open-record-writer.ts'

/** As many as the paper's set has. */
const DEFAULT_ROWS = 702_000
const WORDS = 60_000
const GLUE = ['of a', 'in the', 'with', 'walks on', 'and', 'near the', 'at']

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

/** Some twelve words, of which function words join one or two others at a time. */
function captionOf(row: number): string {
  const draw = (place: number) => drawnFrom(1, row, place)
  const word = (place: number) => `w${Math.floor(WORDS ** draw(place))}`
  const parts = Array.from({ length: 3 + Math.floor(draw(0) * 3) }, (_, part) => {
    const glue = GLUE[Math.floor(draw(part * 3 + 1) * GLUE.length)]
    const second = draw(part * 3 + 2) < 0.5 ? '' : ` ${word(100 + part)}`
    return `${glue} ${word(part * 3 + 3)}${second}`
  })
  return `a ${word(99)} ${parts.join(' ')}`
}
