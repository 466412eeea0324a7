// Decodes 16 frames of a clip of two minutes by its key frames, and the same number of others, which takes one full pass.
// argv: clip.
import { openClip } from '../../src/video/open-clip.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [path = ''] = process.argv.slice(2)
const TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: process.env.PATH ?? '' }
const SHORT_SIDE_PIXELS = 384

await serve(async () => async ({ frames }: Task): Promise<Figures> => {
  const opening = performance.now()
  await using clip = await openClip(path, { tools: TOOLS })
  const openMs = performance.now() - opening
  const pictures = clip.sample({ mode: 'uniform', count: frames })
  const times = clip.info.timeline.timesSeconds
  const beside = pictures.map(({ index }) => ({ index: index + 1, timeSeconds: times[index + 1]! }))
  const timed = async (chosen: typeof pictures) => {
    const begun = performance.now()
    let count = 0
    for await (const _ of clip.decode(chosen, { maxShortSidePixels: SHORT_SIDE_PIXELS })) count += 1
    if (count !== chosen.length) throw new Error(`${count} of ${chosen.length} frames were decoded`)
    return performance.now() - begun
  }
  return { openMs, keyFramesPerSecond: 1000 / (await timed(pictures)), fullPerSecond: 1000 / (await timed(beside)) }
})
