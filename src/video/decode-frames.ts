// The chosen pictures of a clip as RGB, one after the other.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import { clipFailure, saysOutOfMemory, unreadable } from './clip-errors.ts'
import { type ClipSource, startClipTool } from './clip-source.ts'
import { GUARDED_INPUT, guardedInputOptions } from './ffmpeg-input.ts'
import type { ToolProcess } from './ffmpeg-process.ts'
import type { Frame } from './frame.ts'
import { orientationFilters, swapsSides } from './orientation.ts'
import type { ClipInfo } from './probe.ts'
import { LONG_CLIP_PICTURES } from './sample-frames.ts'

/** Key frames of a long clip are held until all are there; more than this are decoded in the slow way, one by one. */
const MAX_KEY_FRAME_BYTES = 256 * 1024 * 1024

/** What to decode and how. */
export interface DecodeRequest {
  /** Indices into info.timeline, strictly ascending, at least one, at most limits.maxFrames. */
  readonly pictureIndices: readonly number[]
  /** Frames whose shorter side is above this are scaled down to it by ffmpeg; at or below it pixels are untouched. */
  readonly maxShortSidePixels?: number | undefined
}

/**
 * Decodes the chosen pictures in one pass that ends with the last of them; in a long clip, when all are key frames, without
 * decoding what lies between. Streams: one frame is in memory at a time, and ffmpeg waits while the receiver is busy.
 * Rotation is applied and pixels are square (the width is scaled).
 * @yields one frame for each index, in time order
 * @throws AppError CLIP_UNREADABLE when ffmpeg gives fewer pictures than were asked for, also where the file is cut off:
 *   its timeline ends before the damage, so a missing picture is a fault within. CLIP_TOO_LONG above maxFrames,
 *   TIMED_OUT, TOOL_MISSING; signal.reason on abort
 */
export async function* decodeFrames(source: ClipSource, info: ClipInfo, request: DecodeRequest): AsyncGenerator<Frame> {
  const { limits } = source
  const count = request.pictureIndices.length
  assert(count > 0, 'decodeFrames needs at least one picture')
  if (count > limits.maxFrames) throw tooManyFrames(count, limits.maxFrames)
  const keyFrames = isKeyPass(info, request) ? await decodeKeyFrames(source, info, request) : null
  if (keyFrames !== null) yield* keyFrames
  else yield* decodePass(source, info, request, false)
}

/** Whether a pass over the key frames alone gives what is asked for, in memory that can be spared. */
function isKeyPass(info: ClipInfo, { pictureIndices, maxShortSidePixels }: DecodeRequest): boolean {
  const { timesSeconds, keyPlaces, selectBy } = info.timeline
  if (timesSeconds.length <= LONG_CLIP_PICTURES || selectBy !== 'pts') return false
  const { widthPixels, heightPixels } = shownSize(info, maxShortSidePixels)
  if (pictureIndices.length * widthPixels * heightPixels * 3 > MAX_KEY_FRAME_BYTES) return false
  const keys = new Set(keyPlaces)
  return pictureIndices.every((index) => keys.has(index))
}

/**
 * All of the chosen pictures at once: where the decoder knows fewer key frames than the container says, which ones are
 * missing shows only in their number. Null then, for a pass over everything.
 */
async function decodeKeyFrames(source: ClipSource, info: ClipInfo, request: DecodeRequest): Promise<Frame[] | null> {
  const frames: Frame[] = []
  try {
    for await (const frame of decodePass(source, info, request, true)) frames.push(frame)
    return frames
  } catch (error) {
    if (error instanceof AppError && error.code === 'CLIP_UNREADABLE') return null
    throw error
  }
}

async function* decodePass(
  source: ClipSource,
  info: ClipInfo,
  { pictureIndices, maxShortSidePixels }: DecodeRequest,
  keyFramesOnly: boolean,
): AsyncGenerator<Frame> {
  const { selectBy, selectors } = info.timeline
  const wanted = pictureIndices.map((index) => selectors[index]!)
  const chosen: ChosenPictures = {
    select: source.sniffed.isStill ? null : isOneOf(selectBy === 'pts' ? 'pts' : 'n', wanted),
    timesSeconds: pictureIndices.map((index) => info.timeline.timesSeconds[index]!),
    ...shownSize(info, maxShortSidePixels),
    scaler: 'bicubic',
    keyFramesOnly,
  }
  yield* decodeChosen(source, info, chosen)
}

/** The size that every picture is scaled to. */
export interface TinySize {
  readonly widthPixels: number
  readonly heightPixels: number
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
  size: TinySize,
  lastSeconds: number,
): AsyncGenerator<Frame> {
  const { selectBy, selectors, timesSeconds } = info.timeline
  const count = timesSeconds.filter((time) => time <= lastSeconds).length
  const range = `between(${selectBy === 'pts' ? 'pts' : 'n'},${selectors[0]!},${selectors[count - 1]!})`
  const select = source.sniffed.isStill ? null : range
  const chosen = { select, timesSeconds: timesSeconds.slice(0, count), ...size }
  yield* decodeChosen(source, info, { ...chosen, scaler: 'area', keyFramesOnly: false })
}

/** Pictures to decode: what ffmpeg selects, the clip time of each, and how they are scaled. */
interface ChosenPictures extends TinySize {
  /** An expression of ffmpeg; null takes all. */
  readonly select: string | null
  readonly timesSeconds: readonly number[]
  readonly scaler: 'bicubic' | 'area'
  /** Passes over all other pictures without decoding them. */
  readonly keyFramesOnly: boolean
}

async function* decodeChosen(source: ClipSource, info: ClipInfo, chosen: ChosenPictures): AsyncGenerator<Frame> {
  const { limits } = source
  const { widthPixels, heightPixels, timesSeconds } = chosen
  const count = timesSeconds.length
  const child = startClipTool(source, 'ffmpeg', decodeArguments(source, info, chosen))
  try {
    let done = 0
    for await (const rgb of readPictures(child, widthPixels * heightPixels * 3)) {
      const timeSeconds = timesSeconds[done]!
      done++
      child.pauseClock()
      yield { timeSeconds, widthPixels, heightPixels, rgb }
      child.resumeClock()
      source.signal?.throwIfAborted()
    }
    const end = await child.ended
    if (done === count) return
    if (end.status !== 0 || saysOutOfMemory(end.messages)) throw clipFailure('decoded', end, limits)
    throw unreadable(`${done} of ${count} pictures could be decoded`, { decoded: done, asked: count })
  } finally {
    await child.stop()
  }
}

function decodeArguments(
  { sniffed, limits }: ClipSource,
  info: ClipInfo,
  { select, timesSeconds, widthPixels, heightPixels, scaler, keyFramesOnly }: ChosenPictures,
): string[] {
  const { timeBase } = info.timeline
  const [width, height] = swapsSides(info.orientation) ? [heightPixels, widthPixels] : [widthPixels, heightPixels]
  const filters = [
    // The time base as the timestamps count, whatever a version of ffmpeg makes of it within its filters.
    `settb=${timeBase.numerator}/${timeBase.denominator}`,
    ...(select === null ? [] : [`select='${select}'`]),
    // Without these flags colours are off by up to three steps of 255 (measured on flat BT.601 colours), with them by one.
    `scale=${width}:${height}:flags=${scaler}+accurate_rnd+full_chroma_int+full_chroma_inp`,
    'format=rgb24',
    ...orientationFilters(info.orientation),
  ]
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error'],
    // Timestamps as in the file, so that they equal those of the timeline.
    '-copyts',
    '-noautorotate',
    ...(keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
    ...guardedInputOptions(sniffed.demuxer, limits),
    ...['-i', GUARDED_INPUT],
    ...['-map', `0:${info.streamIndex}`, '-an', '-sn', '-dn'],
    ...['-vf', filters.join(','), '-fps_mode', 'passthrough'],
    ...['-frames:v', String(timesSeconds.length)],
    ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ]
}

/**
 * An ffmpeg expression that is true when a variable has one of the values: a binary search, since it is evaluated for each
 * picture of the clip, and since ffmpeg 5.1 takes no sum of more than a hundred terms.
 * @param values ascending, at least one
 */
function isOneOf(variable: string, values: readonly number[]): string {
  if (values.length === 1) return `eq(${variable},${values[0]!})`
  const middle = values.length >> 1
  const [below, above] = [values.slice(0, middle), values.slice(middle)]
  return `if(lt(${variable},${above[0]!}),${isOneOf(variable, below)},${isOneOf(variable, above)})`
}

/** Size as seen, scaled down where the shorter side is above the bound; the longer side is rounded to the nearest. */
function shownSize(
  { widthPixels, heightPixels }: ClipInfo,
  maxShortSidePixels = Number.POSITIVE_INFINITY,
): { widthPixels: number; heightPixels: number } {
  const scale = Math.min(1, maxShortSidePixels / Math.min(widthPixels, heightPixels))
  return { widthPixels: Math.round(widthPixels * scale), heightPixels: Math.round(heightPixels * scale) }
}

/** Cuts the stream of bytes into pictures, each in memory of its own; what is left of an unfinished one is dropped. */
async function* readPictures(child: ToolProcess, pictureBytes: number): AsyncGenerator<Uint8Array> {
  let picture = new Uint8Array(pictureBytes)
  let filled = 0
  for await (const chunk of child.output as AsyncIterable<Buffer>) {
    let taken = 0
    while (taken < chunk.length) {
      const part = chunk.subarray(taken, taken + pictureBytes - filled)
      picture.set(part, filled)
      filled += part.length
      taken += part.length
      if (filled < pictureBytes) continue
      yield picture
      picture = new Uint8Array(pictureBytes)
      filled = 0
    }
  }
}

function tooManyFrames(count: number, maxFrames: number): AppError {
  return new AppError(
    'CLIP_TOO_LONG',
    `${count} frames of the clip are asked for; the limit is ${maxFrames} (maxFrames). Ask for fewer or raise the limit.`,
    { details: { count, maxFrames } },
  )
}
