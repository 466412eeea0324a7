// The times of a long clip's pictures by the index of its file. ffprobe reads packet after packet of a film, a third of a million
// in three hours and two seconds of processor time, to say what its index says in a few milliseconds.
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ClipSource } from './clip-source.ts'
import { WORKSPACE_CLIP_NAME } from './clip-workspace.ts'
import { type PictureIndex, readPictureIndex } from './mp4-index.ts'
import { LONG_CLIP_PICTURES } from './sample-frames.ts'
import { endOf, type PictureStream, SpanGuard, type Timeline, toSeconds } from './timeline.ts'

/**
 * Reads the times that readTimeline would find in the packets, timestamps and all.
 * @returns null for a short clip, whose packets are read in no time; for other containers than MP4 and QuickTime; and where the
 *   index is not plain or not what ffprobe says of the stream
 * @throws AppError CLIP_TOO_LONG; signal.reason on abort
 */
export async function readIndexedTimes(source: ClipSource, stream: PictureStream): Promise<Timeline | null> {
  const { statedPictures, streamIndex, timeBase } = stream
  const { limits, sniffed, folder, signal } = source
  const isLong = statedPictures > LONG_CLIP_PICTURES && statedPictures <= limits.maxPictures
  if (sniffed.demuxer !== 'mov' || !isLong || timeBase.numerator !== 1) return null
  const index = await readPictureIndex(join(folder, WORKSPACE_CLIP_NAME), streamIndex, statedPictures)
  if (index === null || index.unitsPerSecond !== timeBase.denominator) return null
  // Each of these steps takes some ten milliseconds for a film; others have the thread in between.
  await setImmediate()
  const shown = index.shownAt.toSorted()
  await setImmediate()
  signal?.throwIfAborted()
  const span = new SpanGuard(stream, limits)
  span.add(shown[0])
  span.add(shown.at(-1))
  return timelineOf(index, shown, stream)
}

/** @param shown the index's times, ascending */
function timelineOf(index: PictureIndex, shown: Float64Array, stream: PictureStream): Timeline | null {
  const { firstTimestamp } = stream
  const first = index.shownAt[0]!
  // Pictures shown before the first key frame: what becomes of them is for ffprobe to say.
  if (firstTimestamp === undefined || shown[0] !== first) return null
  const keyTimes = new Set(index.keyNumbers.map((number) => index.shownAt[number]!))
  const selectors: number[] = []
  const timesSeconds: number[] = []
  const keyPlaces: number[] = []
  let previous = Number.NEGATIVE_INFINITY
  for (const time of shown) {
    if (time === previous) return null
    if (keyTimes.has(time)) keyPlaces.push(selectors.length)
    selectors.push(time - first + firstTimestamp)
    timesSeconds.push(toSeconds(time - first, stream))
    previous = time
  }
  const durationSeconds = endOf(timesSeconds, toSeconds(index.lastDuration, stream))
  const { timeBase } = stream
  return { selectBy: 'pts', selectors, timeBase, timesSeconds, keyPlaces, durationSeconds, isCutOff: false }
}
