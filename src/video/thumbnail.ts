// A frame made tiny, for the storyboard.
import sharp from 'sharp'
import type { Frame } from './frame.ts'

/** A tiny picture of a frame. */
export interface Thumbnail {
  readonly timeSeconds: number
  readonly widthPixels: number
  readonly heightPixels: number
  /** JPEG file, a few kilobytes. */
  readonly jpeg: Uint8Array
}

/** A wide frame of 16:9 is 160 x 90; a tall one is as high as three quarters of that width. */
const MAX_WIDTH_PIXELS = 160
const MAX_HEIGHT_PIXELS = 120

/** Scales a frame down; one that is smaller stays as it is. The frame is only read. */
export async function makeThumbnail({ timeSeconds, widthPixels, heightPixels, rgb }: Frame): Promise<Thumbnail> {
  const { data, info } = await sharp(rgb, { raw: { width: widthPixels, height: heightPixels, channels: 3 } })
    .resize({ width: MAX_WIDTH_PIXELS, height: MAX_HEIGHT_PIXELS, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer({ resolveWithObject: true })
  return { timeSeconds, widthPixels: info.width, heightPixels: info.height, jpeg: data }
}

/**
 * Which of so many frames get a thumbnail: all of a few, else evenly chosen ones with the first and the last.
 * @returns indices, ascending
 */
export function thumbnailIndices(frameCount: number, most: number): number[] {
  if (frameCount <= most) return Array.from({ length: frameCount }, (_, index) => index)
  return Array.from({ length: most }, (_, step) => Math.floor((step * (frameCount - 1)) / (most - 1)))
}
