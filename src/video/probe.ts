// What a clip is, before any of it is decoded in earnest: first a look at its headers under tight caps, then the times of
// its pictures (a still has one, at 0).
import { AppError } from '../errors.ts'
import { clipFailure, clipTooLong, tooManyPixels, unreadable } from './clip-errors.ts'
import { type ClipSource, startClipTool } from './clip-source.ts'
import { GUARDED_INPUT, guardedInputOptions } from './ffmpeg-input.ts'
import type { VideoLimits } from './limits.ts'
import {
  type Orientation,
  orientationFromDisplayMatrix,
  orientationFromExif,
  swapsSides,
  UPRIGHT,
} from './orientation.ts'
import { readAll } from './read-output.ts'
import { readTimeline } from './read-timeline.ts'
import type { SniffedClip } from './sniff.ts'
import type { Timeline } from './timeline.ts'

/** What is known of a clip. */
export interface ClipInfo {
  /** `image` for stills and for a GIF of one picture. */
  readonly kind: 'video' | 'image'
  /** ffmpeg's demuxer that reads it. */
  readonly demuxer: string
  /** ffmpeg's name of the codec, e.g. `h264`. */
  readonly codec: string
  /** Which stream of the file holds the pictures. */
  readonly streamIndex: number
  /** From the first picture to the end of the last; 0 for an image. */
  readonly durationSeconds: number
  /** As to be seen: after rotation and with square pixels. */
  readonly widthPixels: number
  /** As to be seen: after rotation and with square pixels. */
  readonly heightPixels: number
  /** Width times height of one picture, as coded or as to be seen, whichever is more. */
  readonly picturePixels: number
  /** How the stored pictures are to be turned. */
  readonly orientation: Orientation
  /** When each picture is shown and how to ask for it. */
  readonly timeline: Timeline
}

/** The part of ffprobe's JSON that is asked for; every field may be absent. */
interface ProbeOutput {
  readonly streams?: readonly ProbedStream[]
  readonly frames?: readonly { readonly tags?: { readonly Orientation?: string }; readonly side_data_list?: SideData }[]
  readonly format?: { readonly duration?: string }
}
interface ProbedStream {
  readonly index?: number
  readonly codec_name?: string
  readonly codec_type?: string
  readonly width?: number
  readonly height?: number
  readonly sample_aspect_ratio?: string
  readonly time_base?: string
  readonly avg_frame_rate?: string
  readonly nb_frames?: string
  readonly start_pts?: number
  readonly duration?: string
  readonly disposition?: Readonly<Record<string, number>>
  readonly side_data_list?: SideData
}
type SideData = readonly { readonly displaymatrix?: string }[]

/** Room for some thousand chapters and tags, none of which is asked for. */
const MAX_PROBE_BYTES = 1024 * 1024

/** Asked of every clip. */
const STREAM_ENTRIES =
  'format=duration:stream=index,codec_name,codec_type,width,height,sample_aspect_ratio,time_base,avg_frame_rate,' +
  'nb_frames,start_pts,duration:stream_disposition=attached_pic,timed_thumbnails:stream_side_data=displaymatrix'
/** Asked of stills too: only the decoded picture says how a camera was held. */
const STILL_ENTRIES = `${STREAM_ENTRIES}:frame=width:frame_tags=Orientation:frame_side_data=displaymatrix`

/**
 * Finds out what a clip is. Decodes a still, the first moments of a video where its headers leave something open, and a
 * whole video only where its packets carry no usable times (see readTimeline).
 * @throws AppError CLIP_NOT_VIDEO (no video stream; cover art is none), CLIP_UNREADABLE, CLIP_TOO_LONG,
 *   CLIP_TOO_MANY_PIXELS, TIMED_OUT, TOOL_MISSING; signal.reason on abort
 */
export async function probeClip(source: ClipSource): Promise<ClipInfo> {
  const { sniffed, limits } = source
  const output = await readHeaders(source)
  const stream = pictureStream(output)
  const { widthPixels, heightPixels, picturePixels } = storedSize(stream, sniffed, limits)
  const seconds = statedSeconds(stream, output)
  if (seconds > limits.maxDurationSeconds) throw clipTooLong(seconds, limits)

  const frame = output.frames?.[0]
  const exifTag = Number(frame?.tags?.Orientation ?? 0)
  const orientation =
    exifTag > 0 ? orientationFromExif(exifTag) : matrixOrientation(stream.side_data_list ?? frame?.side_data_list)
  const streamIndex = stream.index ?? 0
  const codec = stream.codec_name ?? 'unknown'
  const timeline = sniffed.isStill
    ? STILL_TIMELINE
    : await readTimeline(source, {
        streamIndex,
        codec,
        timeBase: ratio(stream.time_base) ?? { numerator: 1, denominator: 1 },
        framesPerSecond: quotient(ratio(stream.avg_frame_rate)),
        statedPictures: Number(stream.nb_frames ?? 0) || 0,
        firstTimestamp: stream.start_pts,
        picturePixels,
      })
  const isImage = sniffed.isStill || (sniffed.demuxer === 'gif' && timeline.timesSeconds.length === 1)
  return {
    kind: isImage ? 'image' : 'video',
    demuxer: sniffed.demuxer,
    codec,
    streamIndex,
    durationSeconds: isImage ? 0 : timeline.durationSeconds,
    widthPixels: swapsSides(orientation) ? heightPixels : widthPixels,
    heightPixels: swapsSides(orientation) ? widthPixels : heightPixels,
    picturePixels,
    orientation,
    timeline,
  }
}

const STILL_TIMELINE: Timeline = {
  selectBy: 'index',
  selectors: [0],
  keyPlaces: [0],
  timeBase: { numerator: 1, denominator: 1 },
  timesSeconds: [0],
  durationSeconds: 0,
  isCutOff: false,
}

async function readHeaders(source: ClipSource): Promise<ProbeOutput> {
  const { sniffed, limits } = source
  const child = startClipTool(source, 'ffprobe', [
    ...['-v', 'error'],
    ...guardedInputOptions(sniffed.demuxer, limits),
    ...(sniffed.isStill ? ['-show_frames', '-read_intervals', '%+#1'] : []),
    ...['-show_entries', sniffed.isStill ? STILL_ENTRIES : STREAM_ENTRIES],
    ...['-of', 'json=compact=1', GUARDED_INPUT],
  ])
  try {
    const text = await readAll(child, MAX_PROBE_BYTES)
    const end = await child.ended
    if (end.status !== 0) throw clipFailure('read', end, limits)
    const output = JSON.parse(text) as ProbeOutput
    if (sniffed.isStill && (output.frames ?? []).length === 0) throw clipFailure('decoded', end, limits)
    return output
  } finally {
    await child.stop()
  }
}

/** The first video stream that is neither cover art nor a thumbnail track. */
function pictureStream(output: ProbeOutput): ProbedStream {
  const streams = output.streams ?? []
  const stream = streams.find(
    ({ codec_type, disposition }) =>
      codec_type === 'video' && disposition?.attached_pic !== 1 && disposition?.timed_thumbnails !== 1,
  )
  if (stream !== undefined) return stream
  const seen = streams.map(({ codec_type = 'unknown' }) => (codec_type === 'video' ? 'cover art' : codec_type))
  throw new AppError(
    'CLIP_NOT_VIDEO',
    `The clip has no video stream: it has ${seen.length === 0 ? 'no stream' : seen.join(', ')}; one with moving ` +
      'pictures is needed. Send the clip itself, not its sound.',
    { details: { streams: seen.join(', ') } },
  )
}

/** Size as stored, the width scaled so that pixels are square. */
function storedSize(
  stream: ProbedStream,
  sniffed: SniffedClip,
  limits: VideoLimits,
): { widthPixels: number; heightPixels: number; picturePixels: number } {
  const { width = 0, height = 0 } = stream
  if (width <= 0 || height <= 0) throw unreadable(`its pictures have no size (${width}x${height})`, { width, height })
  // A still's density is for printers; no viewer stretches a photo by it.
  const pixelAspect = sniffed.isStill ? 1 : (quotient(ratio(stream.sample_aspect_ratio, ':')) ?? 1)
  const widthPixels = Math.max(1, Math.round(width * pixelAspect))
  const picturePixels = Math.max(width, widthPixels) * height
  if (picturePixels > limits.maxPixels) throw tooManyPixels(Math.max(width, widthPixels), height, limits)
  return { widthPixels, heightPixels: height, picturePixels }
}

/** Length as the headers state it; 0 when they say nothing of this stream, and its packets must tell. */
function statedSeconds(stream: ProbedStream, output: ProbeOutput): number {
  // The container's length counts the sound too, which may go on long after the pictures.
  const isAlone = output.streams?.length === 1
  return Number(stream.duration ?? (isAlone ? output.format?.duration : undefined) ?? 0) || 0
}

/** Reads ffprobe's dump of a matrix: three lines `00000000:  a  b  u`. */
function matrixOrientation(sideData: SideData | undefined): Orientation {
  const dump = sideData?.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix
  if (dump === undefined) return UPRIGHT
  const numbers = dump
    .split('\n')
    .flatMap((line) => line.replace(/^\s*[0-9a-f]+:/i, '').match(/-?\d+/g) ?? [])
    .map(Number)
  return numbers.length === 9 ? orientationFromDisplayMatrix(numbers) : UPRIGHT
}

/** A fraction like `1/25`; undefined for `0/0`, `N/A` and zeros. */
function ratio(text: string | undefined, sign = '/'): { numerator: number; denominator: number } | undefined {
  const [numerator = 0, denominator = 0] = (text ?? '').split(sign).map(Number)
  return numerator > 0 && denominator > 0 ? { numerator, denominator } : undefined
}

function quotient(fraction: { numerator: number; denominator: number } | undefined): number | undefined {
  return fraction === undefined ? undefined : fraction.numerator / fraction.denominator
}
