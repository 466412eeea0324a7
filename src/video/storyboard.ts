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
/** Around a marked frame, as wide as the gap, so that nothing of the frame is hidden. */
const MARK = { r: 255, g: 64, b: 64 }

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
  const cellWidth = Math.max(...drawn.flatMap(({ thumbnail, label }) => [thumbnail.widthPixels, label.widthPixels]))
  const cellHeight = Math.max(...drawn.flatMap(({ thumbnail, label }) => [thumbnail.heightPixels, label.heightPixels]))
  const widthPixels = columns * (cellWidth + GAP_PIXELS) + GAP_PIXELS
  const heightPixels = Math.ceil(drawn.length / columns) * (cellHeight + GAP_PIXELS) + GAP_PIXELS

  const layers = drawn.flatMap(({ thumbnail, label, isMarked }, index) => {
    const cellLeft = GAP_PIXELS + (index % columns) * (cellWidth + GAP_PIXELS)
    const cellTop = GAP_PIXELS + Math.floor(index / columns) * (cellHeight + GAP_PIXELS)
    const left = cellLeft + Math.floor((cellWidth - thumbnail.widthPixels) / 2)
    const top = cellTop + Math.floor((cellHeight - thumbnail.heightPixels) / 2)
    const raw = { width: label.widthPixels, height: label.heightPixels, channels: 3 } as const
    const mark = {
      width: thumbnail.widthPixels + 2 * GAP_PIXELS,
      height: thumbnail.heightPixels + 2 * GAP_PIXELS,
      channels: 3,
      background: MARK,
    } as const
    return [
      ...(isMarked ? [{ input: { create: mark }, left: left - GAP_PIXELS, top: top - GAP_PIXELS }] : []),
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
