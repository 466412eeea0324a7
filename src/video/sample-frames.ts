// Which pictures of a clip to look at: by time, never by count, so that a clip of changing frame rate is seen evenly. Of a
// long clip, key frames, where they stand close enough. Pure arithmetic over the times of the pictures.
import { assert } from '../assert.ts'

/** How to choose; the same shape as a model package's recipe. */
export type FrameRecipe =
  /** `count` moments evenly spaced from the first picture to the last, both included. */
  | { readonly mode: 'uniform'; readonly count: number }
  /** The middle of each of `count` equal stretches, counted in pictures; all of them where there are no more. */
  | { readonly mode: 'middles'; readonly count: number }
  /** A moment every 1 / framesPerSecond from the first picture on; evenly spaced ones instead where that passes maxCount. */
  | { readonly mode: 'fps'; readonly framesPerSecond: number; readonly maxCount: number }

/** Clips of more pictures are long: to decode all of them takes longer than to look at those that are chosen. */
export const LONG_CLIP_PICTURES = 1500
/** Key frames serve when there are at least so many for each picture that would be chosen otherwise. */
const LEAST_KEY_SHARE = 0.9

/** Times are sums of binary fractions; this much earlier than a picture still counts as its moment, seconds. */
const TIME_TOLERANCE_SECONDS = 1e-6

/**
 * Chooses the pictures that a viewer would see at the moments of a recipe. The picture of a moment is the last one whose
 * time is at or before it; nothing is rounded to the nearest. A picture that covers several moments is chosen once, so a
 * clip with fewer pictures than asked gives each picture once.
 * @param presentationTimesSeconds ascending, at least one
 * @returns indices into presentationTimesSeconds, strictly ascending; at least one, at most what the recipe asks for.
 *   A count of 1 gives the first picture.
 */
export function sampleFrames(recipe: FrameRecipe, presentationTimesSeconds: readonly number[]): number[] {
  assert(presentationTimesSeconds.length > 0, 'sampleFrames needs at least one picture')
  const indices: number[] = []
  let index = 0
  const [first, last] = [presentationTimesSeconds[0]!, presentationTimesSeconds.at(-1)!]
  for (const moment of moments(recipe, first, last, presentationTimesSeconds.length)) {
    while (
      index + 1 < presentationTimesSeconds.length &&
      presentationTimesSeconds[index + 1]! <= moment + TIME_TOLERANCE_SECONDS
    ) {
      index++
    }
    if (indices.at(-1) !== index) indices.push(index)
  }
  return indices
}

/**
 * Chooses pictures of a clip by sampleFrames; of a long clip among its key frames alone, when they are not sparser than the
 * recipe's moments, since only they can be had without decoding what lies between.
 * @param keyPlaces indices into presentationTimesSeconds, ascending
 * @returns as sampleFrames
 */
export function samplePictures(
  recipe: FrameRecipe,
  presentationTimesSeconds: readonly number[],
  keyPlaces: readonly number[],
): number[] {
  const places = sampleFrames(recipe, presentationTimesSeconds)
  if (presentationTimesSeconds.length <= LONG_CLIP_PICTURES) return places
  if (keyPlaces.length < places.length * LEAST_KEY_SHARE) return places
  const keyTimes = keyPlaces.map((place) => presentationTimesSeconds[place]!)
  return sampleFrames(recipe, keyTimes).map((index) => keyPlaces[index]!)
}

/** The moments of a recipe, ascending, all in [first, last]. */
function moments(recipe: FrameRecipe, first: number, last: number, pictures: number): number[] {
  if (recipe.mode === 'uniform') return evenMoments(recipe.count, first, last)
  if (recipe.mode === 'middles') return middleMoments(recipe.count, first, last, pictures)
  const { framesPerSecond, maxCount } = recipe
  assert(framesPerSecond > 0, `framesPerSecond is ${framesPerSecond}; it must be above 0`)
  const count = Math.floor((last - first + TIME_TOLERANCE_SECONDS) * framesPerSecond) + 1
  // Cutting the list off would leave the end of the clip unseen.
  if (count > maxCount) return evenMoments(maxCount, first, last)
  return Array.from({ length: count }, (_, step) => first + step / framesPerSecond)
}

/** As numpy.linspace(first, last, count). */
function evenMoments(count: number, first: number, last: number): number[] {
  assert(Number.isInteger(count) && count > 0, `The frame count is ${count}; it must be a whole number above 0`)
  if (count === 1) return [first]
  return Array.from({ length: count }, (_, step) =>
    step === count - 1 ? last : first + ((last - first) * step) / (count - 1),
  )
}

/**
 * As source: mbzuai-oryx/Video-ChatGPT at 659e04b, get_seq_frames, whose stretches begin and end at whole pictures.
 * Differs from source: of a clip with no more pictures than asked for it takes one twice and leaves the last out.
 */
function middleMoments(count: number, first: number, last: number, pictures: number): number[] {
  if (pictures <= count) return evenMoments(pictures, first, last)
  const steps = pictures - 1
  const edge = (stretch: number) => roundHalfToEven((steps / count) * stretch)
  return Array.from({ length: count }, (_, stretch) => {
    const place = Math.floor((edge(stretch) + edge(stretch + 1)) / 2)
    return first + ((last - first) * place) / steps
  })
}

/** As numpy.round. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
