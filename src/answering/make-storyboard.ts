// The frames of some clips that were looked at, as one picture.
import type { StoryboardPicture } from '../conversation/answerer.ts'
import { clockTime } from '../conversation/clock-time.ts'
import { drawStoryboard, MAX_STORYBOARD_FRAMES } from '../video/storyboard.ts'
import { thumbnailIndices } from '../video/thumbnail.ts'
import type { LookedAtClip } from './clip-memory.ts'

/**
 * Draws the thumbnails of the clips, each clip's after those of the clip before; some where all would be too many.
 * @param clipIds ids in the order to draw them; one without thumbnails is left out
 * @returns null when there is nothing to draw
 */
export async function storyboardOf(
  clipIds: readonly string[],
  looked: ReadonlyMap<string, LookedAtClip>,
): Promise<StoryboardPicture | null> {
  const all = clipIds.flatMap((clipId) =>
    (looked.get(clipId)?.thumbnails ?? []).map((thumbnail) => ({ clipId, thumbnail })),
  )
  if (all.length === 0) return null
  const chosen = thumbnailIndices(all.length, MAX_STORYBOARD_FRAMES).map((index) => all[index]!)
  const drawing = await drawStoryboard(
    chosen.map(({ thumbnail }) => ({ thumbnail, label: clockTime(thumbnail.timeSeconds) })),
  )
  return { ...drawing, frames: chosen.map(({ clipId, thumbnail: { timeSeconds } }) => ({ clipId, timeSeconds })) }
}
