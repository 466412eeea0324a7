// What was looked at, as one small picture: thumbnails in rows, each with its clip time in a corner.
import sharp from 'sharp'
import { assert } from '../assert.ts'
import { drawLabel } from './clock-digits.ts'
import type { Thumbnail } from './thumbnail.ts'

/** A picture made of thumbnails. */
export interface StoryboardDrawing {
  /** PNG file. */
  readonly png: Uint8Array
  readonly widthPixels: number
  readonly heightPixels: number
}

/** Thumbnails that one storyboard shows at most. */
export const MAX_STORYBOARD_FRAMES = 16

/** Four of 160 pixels are about as wide as chat windows show a picture. */
const COLUMNS = 4
const GAP_PIXELS = 4
const BACKGROUND = { r: 24, g: 25, b: 28 }
/** Around a marked frame, with a dark line within it, so that it is seen on a picture of its own colour. */
const MARK = { r: 255, g: 64, b: 64 }
const [MARK_PIXELS, MARK_LINE_PIXELS] = [5, 1]
/** Two marks do not touch. */
const MARKED_GAP_PIXELS = 2 * MARK_PIXELS + 2

/** One frame of a storyboard. */
export interface StoryboardTile {
  readonly thumbnail: Thumbnail
  /** Its clip time, e.g. `1:07`; see drawLabel. */
  readonly label: string
  /** Framed in red; default false. */
  readonly isMarked?: boolean
}

/**
 * Draws a storyboard.
 * @param tiles in the order to show them, one to MAX_STORYBOARD_FRAMES; each cell is as large as the largest
 */
export async function drawStoryboard(tiles: readonly StoryboardTile[]): Promise<StoryboardDrawing> {
  assert(tiles.length > 0 && tiles.length <= MAX_STORYBOARD_FRAMES, 'a storyboard shows 1 to 16 frames')
  const drawn = tiles.map(({ thumbnail, label, isMarked = false }) => ({
    thumbnail,
    label: drawLabel(label),
    isMarked,
  }))
  const columns = Math.min(COLUMNS, drawn.length)
  const gap = drawn.some(({ isMarked }) => isMarked) ? MARKED_GAP_PIXELS : GAP_PIXELS
  const cellWidth = Math.max(...drawn.flatMap(({ thumbnail, label }) => [thumbnail.widthPixels, label.widthPixels]))
  const cellHeight = Math.max(...drawn.flatMap(({ thumbnail, label }) => [thumbnail.heightPixels, label.heightPixels]))
  const widthPixels = columns * (cellWidth + gap) + gap
  const heightPixels = Math.ceil(drawn.length / columns) * (cellHeight + gap) + gap

  const layers = drawn.flatMap(({ thumbnail, label, isMarked }, index) => {
    const cellLeft = gap + (index % columns) * (cellWidth + gap)
    const cellTop = gap + Math.floor(index / columns) * (cellHeight + gap)
    const left = cellLeft + Math.floor((cellWidth - thumbnail.widthPixels) / 2)
    const top = cellTop + Math.floor((cellHeight - thumbnail.heightPixels) / 2)
    const raw = { width: label.widthPixels, height: label.heightPixels, channels: 3 } as const
    const around = (pixels: number, background: typeof MARK) => {
      const [width, height] = [thumbnail.widthPixels + 2 * pixels, thumbnail.heightPixels + 2 * pixels]
      return {
        input: { create: { width, height, channels: 3 as const, background } },
        left: left - pixels,
        top: top - pixels,
      }
    }
    return [
      ...(isMarked ? [around(MARK_PIXELS, MARK), around(MARK_LINE_PIXELS, BACKGROUND)] : []),
      { input: Buffer.from(thumbnail.jpeg), left, top },
      // In the corner of the cell, so that the times stand in line.
      { input: Buffer.from(label.rgb), raw, left: cellLeft, top: cellTop + cellHeight - label.heightPixels },
    ]
  })
  const png = await sharp({
    create: { width: widthPixels, height: heightPixels, channels: 3, background: BACKGROUND },
  })
    .composite(layers)
    .png()
    .toBuffer()
  return { png, widthPixels, heightPixels }
}
