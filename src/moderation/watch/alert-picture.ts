// The picture of an alert: frames of all that was looked at, those that the finding rests on framed in red.
import sharp from 'sharp'
import { clockTime } from '../../conversation/clock-time.ts'
import type { ChosenPicture, OpenClip } from '../../video/open-clip.ts'
import { drawStoryboard, MAX_STORYBOARD_FRAMES, type StoryboardTile } from '../../video/storyboard.ts'
import { makeThumbnail, thumbnailIndices } from '../../video/thumbnail.ts'
import type { Finding } from '../finding.ts'

const MARKED_FRAMES = MAX_STORYBOARD_FRAMES / 2
/** Twice what a thumbnail takes. */
const SHORT_SIDE_PIXELS = 240
/** Far beyond what lets a shape be known in a thumbnail of 160 pixels. */
const BLUR_PIXELS = 16

/**
 * Draws the picture for findings of one rule.
 * @param lastSeconds what comes later was not looked at
 * @throws what decoding throws
 */
export async function drawAlertPicture(
  opened: OpenClip,
  findings: readonly Finding[],
  lastSeconds: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const times = findings.flatMap(({ frameTimesSeconds }) => frameTimesSeconds)
  const marked = new Set(thumbnailIndices(times.length, MARKED_FRAMES).map((index) => pictureAt(opened, times[index]!)))
  const chosen = new Map<number, ChosenPicture>()
  const { timesSeconds } = opened.info.timeline
  for (const index of marked) chosen.set(index, { index, timeSeconds: timesSeconds[index]! })
  const others = { mode: 'uniform', count: MAX_STORYBOARD_FRAMES - marked.size } as const
  for (const picture of opened.sample(others, { lastSeconds })) {
    chosen.set(picture.index, picture)
  }
  const pictures = [...chosen.values()].sort((a, b) => a.index - b.index)
  const tiles: StoryboardTile[] = []
  for await (const frame of opened.decode(pictures, { maxShortSidePixels: SHORT_SIDE_PIXELS, signal })) {
    const { index, timeSeconds } = pictures[tiles.length]!
    tiles.push({ thumbnail: await makeThumbnail(frame), label: tenthsText(timeSeconds), isMarked: marked.has(index) })
  }
  return (await drawStoryboard(tiles)).png
}

/** The same, unrecognisable. */
export async function blurPicture(png: Uint8Array): Promise<Uint8Array> {
  return sharp(png).blur(BLUR_PIXELS).png().toBuffer()
}

/** Several frames of one second are told apart. */
function tenthsText(timeSeconds: number): string {
  // A hair more, since 2.3 s may be kept as 2.2999.
  const tenths = Math.floor(timeSeconds * 10 + 0.01)
  return `${clockTime(Math.floor(tenths / 10))}.${tenths % 10}`
}

/** The picture that is seen at a time. */
function pictureAt({ info }: OpenClip, timeSeconds: number): number {
  const { timesSeconds } = info.timeline
  const after = timesSeconds.findIndex((time) => time > timeSeconds)
  return after === -1 ? timesSeconds.length - 1 : Math.max(0, after - 1)
}
