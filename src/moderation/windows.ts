// A clip cut into windows, each looked at by itself, so that what is found has a time. Pure arithmetic.
import type { LookSettings } from './policy-schema.ts'

/** A stretch of a clip and the pictures that stand for it. */
export interface ClipWindow {
  readonly startSeconds: number
  readonly endSeconds: number
  /** Places in the clip's timeline, ascending, each once, at least one. */
  readonly pictureIndices: readonly number[]
}

/** Windows shorter than this share of the others are joined to the one before. */
const LEAST_SHARE = 0.5

/**
 * Cuts a clip up to the longest look; a clip without a length is one window.
 * @param timesSeconds of the clip's pictures, ascending, at least one
 * @param durationSeconds from the first picture to the end of the last; 0 for an image
 */
export function cutWindows(
  timesSeconds: readonly number[],
  durationSeconds: number,
  { windowSeconds, framesPerWindow, maxDurationSeconds }: LookSettings,
): ClipWindow[] {
  const endSeconds = Math.min(durationSeconds, maxDurationSeconds)
  const count = Math.max(1, Math.floor(endSeconds / windowSeconds + LEAST_SHARE))
  return Array.from({ length: count }, (_, index) => {
    const start = index * windowSeconds
    const end = index + 1 === count ? endSeconds : start + windowSeconds
    // The middles of equal parts, so that no frame stands on the border of two windows.
    const moments = Array.from(
      { length: framesPerWindow },
      (_unused, part) => start + ((part + 0.5) / framesPerWindow) * (end - start),
    )
    const pictureIndices = [...new Set(moments.map((moment) => pictureAt(moment, timesSeconds)))]
    return { startSeconds: start, endSeconds: end, pictureIndices }
  })
}

/** The last picture whose time is at or before a moment: what a viewer sees. */
function pictureAt(moment: number, timesSeconds: readonly number[]): number {
  let [low, high] = [0, timesSeconds.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (timesSeconds[middle]! <= moment) low = middle
    else high = middle - 1
  }
  return low
}
