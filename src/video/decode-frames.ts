// The chosen pictures of a clip as RGB, one after the other.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import type { ClipSource } from './clip-source.ts'
import { type ChosenPictures, decodePass, isOneOf, type PictureSize } from './decode-pass.ts'
import { type DecodeRun, oneStretch, placesOf, planDecoding, RUNS_AT_ONCE, type Stretch } from './decode-plan.ts'
import { inFewAtOnce } from './few-at-once.ts'
import type { Frame } from './frame.ts'
import type { ClipInfo } from './probe.ts'
import { LONG_CLIP_PICTURES } from './sample-frames.ts'

/** The frames of a run are held until all are there; more than this are decoded in the slow way, one by one. */
const MAX_HELD_BYTES = 256 * 1024 * 1024
/**
 * Pixels that the decoders of one process have in hand together, one picture each: eight of 1080p. Each holds several pictures
 * and stays until the process ends, and limits.maxMemoryBytes is little more than what one needs for 8K.
 */
const MOST_PIXELS_SOUGHT = 8 * 1920 * 1080
/** Each opens the file and its index once more. */
const MOST_SOUGHT = 8
/** Containers with an index of their key frames; the others would read on from the start, or begin in the middle. */
const SEEKABLE_DEMUXERS: readonly string[] = ['mov', 'matroska']

/** What to decode and how. */
export interface DecodeRequest {
  /** Indices into info.timeline, strictly ascending, at least one, at most limits.maxFrames. */
  readonly pictureIndices: readonly number[]
  /** Frames whose shorter side is above this are scaled down to it by ffmpeg; at or below it pixels are untouched. */
  readonly maxShortSidePixels?: number | undefined
}

/**
 * Decodes the chosen pictures in one pass that ends with the last of them, a frame in memory at a time; in a long clip in the
 * way of planDecoding, which skips what it can of what lies between.
 * Rotation is applied and pixels are square (the width is scaled).
 * @yields one frame for each index, in time order
 * @throws AppError CLIP_UNREADABLE when ffmpeg gives fewer pictures than were asked for, also where the file is cut off:
 *   its timeline ends before the damage, so a missing picture is a fault within. CLIP_TOO_LONG above maxFrames,
 *   TIMED_OUT, TOOL_MISSING; signal.reason on abort
 */
export async function* decodeFrames(source: ClipSource, info: ClipInfo, request: DecodeRequest): AsyncGenerator<Frame> {
  const { limits } = source
  const { pictureIndices, maxShortSidePixels } = request
  assert(pictureIndices.length > 0, 'decodeFrames needs at least one picture')
  if (pictureIndices.length > limits.maxFrames) throw tooManyFrames(pictureIndices.length, limits.maxFrames)
  const size = shownSize(info, maxShortSidePixels)
  const runs = planRuns(source, info, pictureIndices, size)
  if (runs === null) {
    yield* decodePass(source, info, chosenPictures(source, info, oneStretch(null, pictureIndices, false), size))
    return
  }
  const threads = Math.max(1, Math.floor(limits.decoderThreads / Math.min(RUNS_AT_ONCE, runs.length)))
  const leave = new AbortController()
  const signal = source.signal === undefined ? leave.signal : AbortSignal.any([source.signal, leave.signal])
  const share = { ...source, signal, limits: { ...limits, decoderThreads: threads } }
  yield* inFewAtOnce(runs, RUNS_AT_ONCE, (run) => decodeRun(share, info, run, size), leave)
}

/** The runs of a long clip's decoding; null for a pass from its start. */
function planRuns(
  { sniffed }: ClipSource,
  { timeline, picturePixels }: ClipInfo,
  wanted: readonly number[],
  size: PictureSize,
): readonly DecodeRun[] | null {
  const { timesSeconds, keyPlaces, selectBy } = timeline
  if (timesSeconds.length <= LONG_CLIP_PICTURES || selectBy !== 'pts') return null
  const mostHeld = Math.floor(MAX_HELD_BYTES / (size.widthPixels * size.heightPixels * 3))
  const mostSought = Math.max(1, Math.min(MOST_SOUGHT, Math.floor(MOST_PIXELS_SOUGHT / picturePixels)))
  const canSeek = SEEKABLE_DEMUXERS.includes(sniffed.demuxer)
  const runs = planDecoding(wanted, { keyPlaces, canSeek, mostHeld, mostSought })
  const [first, ...others] = runs
  return others.length === 0 && first!.stretches[0]!.fromPlace === null && !first!.keyFramesOnly ? null : runs
}

/**
 * The frames of one run, all at once: where the decoder knows fewer key frames than the container says, or the container does
 * not lead to them, which ones are missing shows only in their number. Each is then sought by itself, and found in a pass over
 * everything at last.
 */
async function decodeRun(source: ClipSource, info: ClipInfo, run: DecodeRun, size: PictureSize): Promise<Frame[]> {
  const decode = (one: DecodeRun) => collect(decodePass(source, info, chosenPictures(source, info, one, size)))
  try {
    return await decode(run)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CLIP_UNREADABLE') throw error
    if (run.stretches.length === 1) return decode(oneStretch(null, placesOf(run), false))
    const frames: Frame[] = []
    for (const stretch of run.stretches) {
      frames.push(...(await decodeRun(source, info, { ...run, stretches: [stretch] }, size)))
    }
    return frames
  }
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = []
  for await (const frame of frames) all.push(frame)
  return all
}

function chosenPictures(
  { sniffed }: ClipSource,
  { timeline }: ClipInfo,
  run: DecodeRun,
  size: PictureSize,
): ChosenPictures {
  const { selectBy, selectors, timesSeconds } = timeline
  const selectorsOf = ({ places }: Stretch) => places.map((place) => selectors[place]!)
  return {
    ...size,
    stretches: run.stretches.map((stretch) => ({
      select: sniffed.isStill ? null : isOneOf(selectBy === 'pts' ? 'pts' : 'n', selectorsOf(stretch)),
      seekSeconds: stretch.fromPlace === null ? null : seekTime(timeline, stretch.fromPlace),
    })),
    timesSeconds: placesOf(run).map((place) => timesSeconds[place]!),
    scaler: 'bicubic',
    keyFramesOnly: run.keyFramesOnly,
  }
}

/**
 * Half way from a key frame to the next: containers find places by the time of decoding, which is not quite that of showing,
 * and programs seek a little before what they are told.
 */
function seekTime({ selectors, keyPlaces, timeBase }: ClipInfo['timeline'], place: number): number {
  const next = keyPlaces[keyPlaces.indexOf(place) + 1] ?? selectors.length - 1
  const middle = (selectors[place]! + selectors[next]!) / 2
  return (middle * timeBase.numerator) / timeBase.denominator
}

/**
 * Decodes every picture of a clip, tiny: each pixel is the mean of those it stands for. For what is measured over time,
 * where leaving pictures out would hide what is looked for.
 * @param lastSeconds clip time after which nothing is decoded
 * @yields one frame a picture, in time order
 * @throws AppError as decodeFrames, but whatever the count
 */
export async function* decodeTinyFrames(
  source: ClipSource,
  info: ClipInfo,
  size: PictureSize,
  lastSeconds: number,
): AsyncGenerator<Frame> {
  const { selectBy, selectors, timesSeconds } = info.timeline
  const count = timesSeconds.filter((time) => time <= lastSeconds).length
  const range = `between(${selectBy === 'pts' ? 'pts' : 'n'},${selectors[0]!},${selectors[count - 1]!})`
  yield* decodePass(source, info, {
    ...size,
    stretches: [{ select: source.sniffed.isStill ? null : range, seekSeconds: null }],
    timesSeconds: timesSeconds.slice(0, count),
    scaler: 'area',
    keyFramesOnly: false,
  })
}

/** Size as seen, scaled down where the shorter side is above the bound; the longer side is rounded to the nearest. */
function shownSize(
  { widthPixels, heightPixels }: ClipInfo,
  maxShortSidePixels = Number.POSITIVE_INFINITY,
): PictureSize {
  const scale = Math.min(1, maxShortSidePixels / Math.min(widthPixels, heightPixels))
  return { widthPixels: Math.round(widthPixels * scale), heightPixels: Math.round(heightPixels * scale) }
}

function tooManyFrames(count: number, maxFrames: number): AppError {
  return new AppError(
    'CLIP_TOO_LONG',
    `${count} frames of the clip are asked for; the limit is ${maxFrames} (maxFrames). Ask for fewer or raise the limit.`,
    { details: { count, maxFrames } },
  )
}
