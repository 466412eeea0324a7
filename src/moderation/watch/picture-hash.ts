// A hash of what a clip looks like, so that the same clip is known again after it was scaled or coded anew. Of each of some
// frames, spread over the clip, it says where brightness rises from left to right ("difference hash").
import sharp from 'sharp'
import { assert } from '../../assert.ts'
import type { Frame } from '../../video/frame.ts'
import type { OpenClip } from '../../video/open-clip.ts'

/**
 * Frames that a clip is known by, up to so many seconds. What differs only between two of them is not seen, so they are never
 * more than two seconds apart: a longer clip is known again by its bytes alone.
 */
const FRAMES: readonly { readonly upToSeconds: number; readonly count: number }[] = [
  { upToSeconds: 10, count: 8 },
  { upToSeconds: 20, count: 16 },
  { upToSeconds: 60, count: 32 },
]
/** Cells of a frame, each way; one more in a row, since neighbours are compared. */
const CELLS = 16
const BITS_A_FRAME = CELLS * CELLS
const DIGITS_A_FRAME = BITS_A_FRAME / 4
/** A rise that the coder's noise does not make, of 255. */
const LEAST_RISE = 3
/** Frames with fewer rises than this say nothing: all even pictures are alike. */
const LEAST_BITS = 4
/**
 * Bits of a frame that may differ, of 256. Measured on 24 clips of the drawn world: at most 9 in the worst frame of a clip
 * that was scaled to half and coded anew at a low quality, at least 41 in that of two different clips.
 */
const MOST_DIFFERENT_BITS = 20
/**
 * And of the bits that either frame has. A small thing on an even ground makes few rises, so that two such clips differ little
 * in all: in 20 clips of one or two stickers on a plain colour, the same clip coded anew differed by at most 0.32 of them, two
 * different clips by at least 0.65.
 */
const MOST_DIFFERENT_SHARE = 0.45
/** Lengths that may differ by so much, as a share. */
const MOST_LENGTH_DIFFERENCE = 0.02

/** What a clip is known again by. */
export interface PictureHash {
  /** DIGITS_A_FRAME hexadecimal digits for each frame; empty where the clip looks like no other. */
  readonly digits: string
  readonly durationSeconds: number
}

/** Hashes a clip. @throws what decoding throws */
export async function hashPictures(opened: OpenClip, signal?: AbortSignal): Promise<PictureHash> {
  const { durationSeconds } = opened.info
  const frames = FRAMES.find(({ upToSeconds }) => durationSeconds <= upToSeconds)
  if (frames === undefined) return { digits: '', durationSeconds }
  const pictures = opened.sample({ mode: 'uniform', count: frames.count })
  const digits: string[] = []
  for await (const frame of opened.decode(pictures, { maxShortSidePixels: CELLS * 4, signal })) {
    digits.push(await hashFrame(frame))
  }
  return { digits: digits.join(''), durationSeconds }
}

/** True when two clips look alike from the first frame to the last. */
export function looksAlike(a: PictureHash, b: PictureHash): boolean {
  if (a.digits.length !== b.digits.length || a.digits === '') return false
  const longest = Math.max(a.durationSeconds, b.durationSeconds)
  if (Math.abs(a.durationSeconds - b.durationSeconds) > longest * MOST_LENGTH_DIFFERENCE) return false
  const frames = a.digits.length / DIGITS_A_FRAME
  let isKnown = false
  for (let place = 0; place < frames; place++) {
    const [one, other] = [frameAt(a, place), frameAt(b, place)]
    if (!isNear(one, other)) return false
    isKnown ||= countBits(one) >= LEAST_BITS
  }
  return isKnown
}

function isNear(one: bigint, other: bigint): boolean {
  const different = countBits(one ^ other)
  // Of so few bits, those that noise has made are a large share.
  if (different < LEAST_BITS) return true
  return different <= MOST_DIFFERENT_BITS && different <= MOST_DIFFERENT_SHARE * countBits(one | other)
}

async function hashFrame({ rgb, widthPixels, heightPixels }: Frame): Promise<string> {
  const grey = await sharp(rgb, { raw: { width: widthPixels, height: heightPixels, channels: 3 } })
    .greyscale()
    .resize({ width: CELLS + 1, height: CELLS, fit: 'fill' })
    .raw()
    .toBuffer()
  assert(grey.length === (CELLS + 1) * CELLS, 'a grey picture has one byte a cell')
  let bits = 0n
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      const at = row * (CELLS + 1) + column
      bits = (bits << 1n) | (grey[at + 1]! - grey[at]! >= LEAST_RISE ? 1n : 0n)
    }
  }
  return bits.toString(16).padStart(DIGITS_A_FRAME, '0')
}

function frameAt({ digits }: PictureHash, place: number): bigint {
  return BigInt(`0x${digits.slice(place * DIGITS_A_FRAME, (place + 1) * DIGITS_A_FRAME)}`)
}

function countBits(of: bigint): number {
  let count = 0
  for (let bits = of; bits > 0n; bits &= bits - 1n) count++
  return count
}
