// One ffmpeg process over a clip: pictures that an expression selects, as RGB, one after the other.
import { clipFailure, saysOutOfMemory, unreadable } from './clip-errors.ts'
import type { ClipSource } from './clip-source.ts'
import { GUARDED_INPUT, guardedInputOptions } from './ffmpeg-input.ts'
import type { ToolProcess } from './ffmpeg-process.ts'
import type { Frame } from './frame.ts'
import { orientationFilters, swapsSides } from './orientation.ts'
import type { ClipInfo } from './probe.ts'
import { startDecoder } from './start-decoder.ts'

/** The size that every picture is scaled to. */
export interface PictureSize {
  readonly widthPixels: number
  readonly heightPixels: number
}

/** Pictures from one place of the clip on. */
export interface ChosenStretch {
  /** An expression of ffmpeg; null takes all. */
  readonly select: string | null
  /** Time in the file to seek to, seconds: decoding begins at the key frame before it. Null for the clip's start. */
  readonly seekSeconds: number | null
}

/** Pictures to decode: where they are, what ffmpeg selects there, the clip time of each, and how they are scaled. */
export interface ChosenPictures extends PictureSize {
  /** In time order, at least one; each of several begins with its one picture. */
  readonly stretches: readonly ChosenStretch[]
  readonly timesSeconds: readonly number[]
  readonly scaler: 'bicubic' | 'area'
  /** Passes over all other pictures without decoding them. */
  readonly keyFramesOnly: boolean
}

/**
 * Decodes pictures in one process, once there is room for it, that ends with the last of them. Streams: one frame is in memory at a time, and ffmpeg
 * waits while the receiver is busy.
 * @throws AppError CLIP_UNREADABLE when other than the chosen number of pictures come, TIMED_OUT, TOOL_MISSING;
 *   signal.reason on abort
 */
export async function* decodePass(source: ClipSource, info: ClipInfo, chosen: ChosenPictures): AsyncGenerator<Frame> {
  const { limits } = source
  const { widthPixels, heightPixels, timesSeconds, stretches } = chosen
  const count = timesSeconds.length
  const pixels = info.picturePixels * stretches.length
  const child = await startDecoder(source, 'ffmpeg', decodeArguments(source, info, chosen), pixels)
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

function decodeArguments({ sniffed, limits }: ClipSource, info: ClipInfo, chosen: ChosenPictures): string[] {
  const { stretches, timesSeconds, keyFramesOnly } = chosen
  const inputs = stretches.flatMap(({ seekSeconds }) => [
    '-noautorotate',
    ...(keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
    ...guardedInputOptions(sniffed.demuxer, limits),
    ...(seekSeconds === null ? [] : seekOptions(seekSeconds)),
    ...['-i', GUARDED_INPUT],
  ])
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error'],
    // Timestamps as in the file, so that they equal those of the timeline.
    '-copyts',
    ...inputs,
    ...(stretches.length === 1 ? oneInput(info, chosen) : joinedInputs(info, chosen)),
    ...['-an', '-sn', '-dn', '-fps_mode', 'passthrough'],
    ...['-frames:v', String(timesSeconds.length)],
    ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ]
}

function oneInput(info: ClipInfo, chosen: ChosenPictures): string[] {
  const { select } = chosen.stretches[0]!
  const chosenOnes = select === null ? [] : [`select='${select}'`]
  const filters = [inTimeBase(info), ...chosenOnes, ...shaped(info, chosen)]
  return ['-map', `0:${info.streamIndex}`, '-vf', filters.join(',')]
}

/**
 * The first picture of each input, one behind the other. The first alone is taken before it is looked at: an input ends there,
 * also where it is not the picture wanted.
 */
function joinedInputs(info: ClipInfo, chosen: ChosenPictures): string[] {
  const parts = chosen.stretches.map(({ select }, input) => {
    const filters = [inTimeBase(info), 'trim=end_frame=1', `select='${select ?? 1}'`, ...shaped(info, chosen)]
    return `[${input}:${info.streamIndex}]${filters.join(',')}[part${input}]`
  })
  const all = parts.map((_, input) => `[part${input}]`).join('')
  return ['-filter_complex', `${parts.join(';')};${all}concat=n=${parts.length}:v=1:a=0`]
}

/** The time base as the timestamps count, whatever a version of ffmpeg makes of it within its filters. */
function inTimeBase({ timeline: { timeBase } }: ClipInfo): string {
  return `settb=${timeBase.numerator}/${timeBase.denominator}`
}

function shaped({ orientation }: ClipInfo, { widthPixels, heightPixels, scaler }: ChosenPictures): string[] {
  const [width, height] = swapsSides(orientation) ? [heightPixels, widthPixels] : [widthPixels, heightPixels]
  return [
    // Without these flags colours are off by up to three steps of 255 (measured on flat BT.601 colours), with them by one.
    `scale=${width}:${height}:flags=${scaler}+accurate_rnd+full_chroma_int+full_chroma_inp`,
    'format=rgb24',
    ...orientationFilters(orientation),
  ]
}

/** As a time of the file's own; and what comes before it is not thrown away, since the selection knows what is wanted. */
function seekOptions(seconds: number): string[] {
  return ['-seek_timestamp', '1', '-noaccurate_seek', '-ss', seconds.toFixed(6)]
}

/**
 * An ffmpeg expression that is true when a variable has one of the values: a binary search, since it is evaluated for each
 * picture of the clip, and since ffmpeg 5.1 takes no sum of more than a hundred terms.
 * @param values ascending, at least one
 */
export function isOneOf(variable: string, values: readonly number[]): string {
  if (values.length === 1) return `eq(${variable},${values[0]!})`
  const middle = values.length >> 1
  const [below, above] = [values.slice(0, middle), values.slice(middle)]
  return `if(lt(${variable},${above[0]!}),${isOneOf(variable, below)},${isOneOf(variable, above)})`
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
