// When each picture of a video is shown. Of a long clip read from the index of its file, where that is plain; else from the
// packets, without decoding, where packets and pictures go one to one and carry times; by decoding once where they do not.
import type { AppError } from '../errors.ts'
import { clipFailure, saysCutOff, unreadable } from './clip-errors.ts'
import { type ClipSource, startClipTool } from './clip-source.ts'
import { GUARDED_INPUT, guardedInputOptions } from './ffmpeg-input.ts'
import type { ToolEnd } from './ffmpeg-process.ts'
import { readIndexedTimes } from './indexed-times.ts'
import type { VideoLimits } from './limits.ts'
import { readLineGroups } from './read-output.ts'
import { startDecoder } from './start-decoder.ts'
import { endOf, type PictureStream, SpanGuard, type Timeline, toSeconds } from './timeline.ts'

/**
 * Fields without their names, always in the same order, N/A where one is absent: a film has a third of a million packets, and
 * names take as long to write as the packets to be read.
 */
const VALUES_ONLY = 'compact=print_section=0:nokey=1'
const FRAME_TIME = 'best_effort_timestamp='

/** VP8 sends pictures that are never shown, in packets that look like any other. */
const CODECS_WITH_HIDDEN_PICTURES: readonly string[] = ['vp8']

/**
 * Reads the times of all pictures. Left out are: packets the container marks to be discarded (before the start of an edit);
 * pictures shown before the first key frame, which cannot be decoded; in a file that is cut off, the last packet, which is
 * the one that may not be whole.
 * @throws AppError CLIP_UNREADABLE without a picture, CLIP_TOO_LONG, TIMED_OUT; signal.reason on abort
 */
export async function readTimeline(source: ClipSource, stream: PictureStream): Promise<Timeline> {
  const fromIndex = await readIndexedTimes(source, stream)
  if (fromIndex !== null) return fromIndex
  const fromPackets = CODECS_WITH_HIDDEN_PICTURES.includes(stream.codec) ? null : await readPackets(source, stream)
  return fromPackets ?? (await readDecodedFrames(source, stream))
}

/** Demultiplexes only. Null when the packets' times cannot serve: some lack one, or two share one. */
async function readPackets(source: ClipSource, stream: PictureStream): Promise<Timeline | null> {
  let packets: { pts: number; isKey: boolean }[] = []
  let lastDuration = 0
  const span = new SpanGuard(stream, source.limits)
  const what = ['-show_entries', 'packet=pts,duration,flags']
  const child = startClipTool(source, 'ffprobe', probeArguments(source, stream, what, VALUES_ONLY))
  let end: ToolEnd
  try {
    for await (const lines of readLineGroups(child)) {
      for (const line of lines) {
        const [time = '', duration = '', flags] = line.split('|', 3)
        if (flags === undefined || flags.includes('D')) continue
        const pts = integer(time)
        if (pts === undefined) return null
        span.add(pts)
        packets.push({ pts, isKey: flags.includes('K') })
        lastDuration = integer(duration) ?? 0
      }
    }
    end = await child.ended
  } finally {
    await child.stop()
  }
  const isCutOff = saysCutOff(end.messages)
  if (isCutOff && packets.length > 1) packets.pop()
  const firstKey = packets.findIndex(({ isKey }) => isKey)
  // Some encoders refresh piece by piece and mark no key frame at all; then everything is kept.
  if (firstKey >= 0) {
    const { pts: firstShown } = packets[firstKey]!
    packets = packets.slice(firstKey).filter(({ pts }) => pts >= firstShown)
  }
  const shown = packets.toSorted((left, right) => left.pts - right.pts)
  const selectors = shown.map(({ pts }) => pts)
  const keyPlaces = shown.flatMap(({ isKey }, place) => (isKey ? [place] : []))
  if (selectors.length === 0) throw noPictures(end, source.limits)
  if (new Set(selectors).size !== selectors.length) return null
  const timesSeconds = selectors.map((pts) => toSeconds(pts - selectors[0]!, stream))
  const durationSeconds = endOf(timesSeconds, toSeconds(lastDuration, stream))
  return { selectBy: 'pts', selectors, timeBase: stream.timeBase, timesSeconds, keyPlaces, durationSeconds, isCutOff }
}

/** Decodes the whole stream once, keeping only the times. */
async function readDecodedFrames(source: ClipSource, stream: PictureStream): Promise<Timeline> {
  const timestamps: (number | undefined)[] = []
  const span = new SpanGuard(stream, source.limits)
  const what = ['-show_frames', '-show_entries', 'frame=best_effort_timestamp']
  const toolArguments = probeArguments(source, stream, what, 'compact=print_section=0')
  const child = await startDecoder(source, 'ffprobe', toolArguments, stream.picturePixels)
  let end: ToolEnd
  try {
    for await (const lines of readLineGroups(child)) {
      for (const line of lines) {
        if (!line.startsWith(FRAME_TIME)) continue
        const pts = integer(line.slice(FRAME_TIME.length).split('|', 1)[0]!)
        span.add(pts)
        timestamps.push(pts)
      }
    }
    end = await child.ended
  } finally {
    await child.stop()
  }
  if (timestamps.length === 0) throw noPictures(end, source.limits)
  const timesSeconds = timesOfFrames(timestamps, stream)
  return {
    selectBy: 'index',
    selectors: timestamps.map((_, index) => index),
    timeBase: stream.timeBase,
    timesSeconds,
    keyPlaces: [],
    durationSeconds: endOf(timesSeconds, 0),
    isCutOff: saysCutOff(end.messages),
  }
}

function probeArguments(source: ClipSource, stream: PictureStream, what: readonly string[], format: string): string[] {
  return [
    // Warnings tell whether the file is cut off.
    ...['-v', 'warning'],
    ...guardedInputOptions(source.sniffed.demuxer, source.limits),
    ...['-select_streams', String(stream.streamIndex), ...what],
    ...['-of', format, GUARDED_INPUT],
  ]
}

/** Frames without a time follow their predecessor by the average interval; none goes back in time. */
function timesOfFrames(timestamps: readonly (number | undefined)[], stream: PictureStream): number[] {
  const interval = 1 / (stream.framesPerSecond ?? 25)
  const first = timestamps.find((pts) => pts !== undefined) ?? 0
  let previous = 0
  return timestamps.map((pts, index) => {
    const seconds = pts === undefined ? previous + (index === 0 ? 0 : interval) : toSeconds(pts - first, stream)
    previous = Math.max(previous, seconds)
    return previous
  })
}

function integer(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(text) : undefined
}

function noPictures(end: ToolEnd, limits: VideoLimits): AppError {
  return end.messages.trim() === ''
    ? unreadable('it holds no picture that can be read')
    : clipFailure('read', end, limits)
}
