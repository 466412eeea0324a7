// What sixteen frames of a clip take, from the file to the last frame, by how long the clip is. argv: folder of clips.
import { join } from 'node:path'
import { DEFAULT_VIDEO_LIMITS } from '../../src/video/limits.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [folder = ''] = process.argv.slice(2)
const TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: process.env.PATH ?? '' }
/** As an operator sets it who lets people ask about films. */
const LIMITS = { ...DEFAULT_VIDEO_LIMITS, maxDurationSeconds: 6 * 3600 }

await serve(async () => async ({ frames, minutes = [] }: Task): Promise<Figures> => {
  const figures: Record<string, number> = {}
  for (const length of minutes) {
    const begun = performance.now()
    await using clip = await openClip(join(folder, `minutes-${length}.mp4`), { tools: TOOLS, limits: LIMITS })
    figures[`open${length}Ms`] = performance.now() - begun
    let count = 0
    for await (const _ of clip.decode(clip.sample({ mode: 'uniform', count: frames }), { maxShortSidePixels: 384 }))
      count += 1
    if (count !== frames) throw new Error(`${count} of ${frames} frames were decoded`)
    figures[`minutes${length}Ms`] = performance.now() - begun
  }
  return figures
})
