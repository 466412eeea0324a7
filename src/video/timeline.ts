// When each picture of a video is shown: what is known of it, and the bounds that hold while it is found out.
import { AppError } from '../errors.ts'
import { clipTooLong } from './clip-errors.ts'
import type { VideoLimits } from './limits.ts'

/** The pictures of a clip in the order they are shown. */
export interface Timeline {
  /** What a selector means: the picture's presentation timestamp, or its number among the decoded pictures. */
  readonly selectBy: 'pts' | 'index'
  /** One a picture, strictly ascending: integer timestamps in units of timeBase, or 0, 1, 2 … */
  readonly selectors: readonly number[]
  /** Seconds of one timestamp unit, as a fraction. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number }
  /** One a picture, ascending, seconds from the first, which is 0. */
  readonly timesSeconds: readonly number[]
  /** Places of the pictures that can be decoded without any other, ascending; empty when that is not known. */
  readonly keyPlaces: readonly number[]
  /** From the first picture to the end of the last. */
  readonly durationSeconds: number
  /** True when the file ends before its contents do. */
  readonly isCutOff: boolean
}

/** The pictures of a timeline up to a clip time, seconds, at least 0, and which of them are key frames. */
export function beginningOf(
  { timesSeconds, keyPlaces }: Pick<Timeline, 'timesSeconds' | 'keyPlaces'>,
  lastSeconds: number,
): Pick<Timeline, 'timesSeconds' | 'keyPlaces'> {
  const times = timesSeconds.filter((time) => time <= lastSeconds)
  return { timesSeconds: times, keyPlaces: keyPlaces.filter((place) => place < times.length) }
}

/** What the headers say of the stream. */
export interface PictureStream {
  readonly streamIndex: number
  readonly codec: string
  readonly timeBase: { readonly numerator: number; readonly denominator: number }
  /** Average; undefined when the headers do not say. */
  readonly framesPerSecond: number | undefined
  /** How many pictures there should be; 0 when the headers do not say. */
  readonly statedPictures: number
  /** Timestamp of the first picture, units of timeBase; undefined when the headers do not lead to it. */
  readonly firstTimestamp: number | undefined
  /** Of one picture. */
  readonly picturePixels: number
}

/** Timestamp units as seconds. */
export function toSeconds(units: number, { timeBase }: Pick<PictureStream, 'timeBase'>): number {
  return (units * timeBase.numerator) / timeBase.denominator
}

/** The last picture lasts as long as stated, else as long as the others on average; a lone one has no length. */
export function endOf(timesSeconds: readonly number[], lastSeconds: number): number {
  const last = timesSeconds.at(-1)!
  if (lastSeconds > 0) return last + lastSeconds
  return timesSeconds.length > 1 ? last + last / (timesSeconds.length - 1) : last
}

/** Stops the reading of a clip that turns out too long, whatever its headers say. */
export class SpanGuard {
  #count = 0
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  readonly #stream: PictureStream
  readonly #limits: VideoLimits

  constructor(stream: PictureStream, limits: VideoLimits) {
    this.#stream = stream
    this.#limits = limits
  }

  /** Counts one picture. @throws AppError CLIP_TOO_LONG */
  add(pts: number | undefined): void {
    this.#count++
    const { maxPictures, maxDurationSeconds } = this.#limits
    if (this.#count > maxPictures) {
      throw new AppError(
        'CLIP_TOO_LONG',
        `The clip has more than ${maxPictures} pictures; that is the limit (maxPictures). ` +
          'Send a shorter clip or raise the limit.',
        { details: { maxPictures } },
      )
    }
    if (pts === undefined) return
    this.#first = Math.min(this.#first, pts)
    this.#last = Math.max(this.#last, pts)
    const seconds = toSeconds(this.#last - this.#first, this.#stream)
    if (seconds > maxDurationSeconds) throw clipTooLong(seconds, this.#limits)
  }
}
