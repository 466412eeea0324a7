// Real clips of several containers, damaged at random: none may crash, hang, or leave a file or a process. By hand:
// `npx tsx test/hostile/fuzz.ts 5000 [seed]`; the suite runs a few.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  runningChildren,
  writeColourClip,
} from '../helpers/make-clips.ts'
import { mutate, seededNumbers } from './mutate.ts'
import { tryClip } from './try-clip.ts'

/** What a run found. */
export interface FuzzReport {
  /** Clips that were tried. */
  readonly tried: number
  /** How often each outcome came: a code, or `opened`. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Crashes and leaks, each with the seed that makes it again. */
  readonly faults: readonly string[]
}

const CONTAINERS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['clip.mp4', LOSSLESS_H264],
  ['clip.mov', LOSSLESS_H264],
  ['clip.mkv', LOSSLESS_FFV1],
  ['clip.avi', LOSSLESS_FFV1],
  ['clip.gif', []],
  ['clip.webm', ['-c:v', 'libvpx', '-b:v', '1M']],
  ['clip.ts', ['-c:v', 'mpeg2video']],
]

/** Tries so many damaged clips, one after the other. @param signal ends it after the clip under way */
export async function fuzzClips(count: number, firstSeed: number, signal?: AbortSignal): Promise<FuzzReport> {
  const { folder, removeFolder } = makeTestFolder()
  const temporaryFolder = join(folder, 'temporary')
  mkdirSync(temporaryFolder)
  const clips = CONTAINERS.map(([name, options]) => readFileSync(writeColourClip(join(folder, name), 10, options)))
  const outcomes: Record<string, number> = {}
  const faults: string[] = []
  let tried = 0
  try {
    for (let seed = firstSeed; seed < firstSeed + count && signal?.aborted !== true; seed++) {
      tried += 1
      const path = join(folder, 'mutated.mp4')
      writeFileSync(path, mutate(clips[seed % clips.length]!, seededNumbers(seed)))
      try {
        const outcome = await tryClip(path, temporaryFolder)
        const name = 'refused' in outcome ? outcome.refused : 'opened'
        outcomes[name] = (outcomes[name] ?? 0) + 1
      } catch (error) {
        faults.push(`seed ${seed}: ${String(error)}`)
      }
      const left = [...readdirSync(temporaryFolder), ...runningChildren().map(String)]
      if (left.length > 0) faults.push(`seed ${seed} leaves ${left.join(', ')}`)
      rmSync(path, { force: true })
    }
  } finally {
    removeFolder()
  }
  return { tried, outcomes, faults }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [count = 5000, seed = 1] = process.argv.slice(2).map(Number)
  // Ctrl-C ends it early, with what was found by then.
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const report = await fuzzClips(count, seed, stop.signal)
  process.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`)
  if (report.faults.length > 0) process.exitCode = 1
}
