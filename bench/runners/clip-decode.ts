// Sixteen frames of a clip of two minutes: its key frames, pictures half way between key frames, and the latter by plain
// ffmpeg, which decodes everything. argv: clip.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openClip } from '../../src/video/open-clip.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [path = ''] = process.argv.slice(2)
const TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: process.env.PATH ?? '' }
const SHORT_SIDE_PIXELS = 384
/** Half of the distance of two key frames. */
const BETWEEN = 125

await serve(async () => async ({ frames }: Task): Promise<Figures> => {
  const opening = performance.now()
  await using clip = await openClip(path, { tools: TOOLS })
  const openMs = performance.now() - opening
  const pictures = clip.sample({ mode: 'uniform', count: frames })
  const times = clip.info.timeline.timesSeconds
  const between = pictures
    .map(({ index }) => Math.min(index + BETWEEN, times.length - 1))
    .map((index) => ({ index, timeSeconds: times[index]! }))
  const timed = async (chosen: typeof pictures) => {
    const begun = performance.now()
    let count = 0
    for await (const _ of clip.decode(chosen, { maxShortSidePixels: SHORT_SIDE_PIXELS })) count += 1
    if (count !== chosen.length) throw new Error(`${count} of ${chosen.length} frames were decoded`)
    return performance.now() - begun
  }
  return {
    openMs,
    keyFramesPerSecond: 1000 / (await timed(pictures)),
    betweenPerSecond: 1000 / (await timed(between)),
    fullPerSecond: 1000 / (await decodeAll(between.map(({ index }) => index))),
  }
})

/** As a script would do it: select by number, scale, raw pictures. Milliseconds. */
async function decodeAll(indices: readonly number[]): Promise<number> {
  const select = indices.map((index) => `eq(n\\,${index})`).join('+')
  const filter = `select=${select},scale=-2:${SHORT_SIDE_PIXELS}:flags=bicubic,format=rgb24`
  const begun = performance.now()
  await promisify(execFile)(
    'ffmpeg',
    [
      '-nostdin',
      '-v',
      'error',
      '-i',
      path,
      '-an',
      '-vf',
      filter,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 30 },
  )
  return performance.now() - begun
}
