// Clips as small pictures for pages: storyboards with the times of their frames, and lengths.
import { clockTime } from '../conversation/clock-time.ts'
import type { SeenClip } from '../data/quality/quality-page.ts'
import { AppError } from '../errors.ts'
import { openClip } from '../video/open-clip.ts'
import { drawStoryboard, type StoryboardTile } from '../video/storyboard.ts'
import { makeThumbnail } from '../video/thumbnail.ts'
import type { CommandContext } from './context.ts'
import { videoToolsOf } from './video-tools.ts'

/** Two rows of a storyboard. */
const FRAMES = 8
/** Twice what a thumbnail takes. */
const SHORT_SIDE_PIXELS = 240

/** Looks at a clip; one that cannot be read is said by its code. @throws what is not about the clip; signal.reason */
export async function seeClip(path: string, { config, signal }: CommandContext): Promise<SeenClip> {
  try {
    await using opened = await openClip(path, { tools: videoToolsOf(config), signal })
    const pictures = opened.sample({ mode: 'uniform', count: FRAMES })
    const tiles: StoryboardTile[] = []
    for await (const frame of opened.decode(pictures, { maxShortSidePixels: SHORT_SIDE_PIXELS, signal })) {
      const { timeSeconds } = pictures[tiles.length]!
      tiles.push({ thumbnail: await makeThumbnail(frame), label: clockTime(timeSeconds) })
    }
    return { ...(await drawStoryboard(tiles)), durationSeconds: opened.info.durationSeconds }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** Length of a clip, seconds; null for one that cannot be read. @throws as seeClip */
export async function lengthOfClip(path: string, { config, signal }: CommandContext): Promise<number | null> {
  try {
    await using opened = await openClip(path, { tools: videoToolsOf(config), signal })
    return opened.info.durationSeconds
  } catch (error) {
    problemOf(error)
    return null
  }
}

function problemOf(error: unknown): string {
  if (error instanceof AppError && (error.code.startsWith('CLIP_') || error.code === 'TIMED_OUT')) return error.code
  throw error
}
