// Clips of stickers that stay, come and go on a plain colour, drawn on the spot: what they show, and from when to when, is known.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { writeClip } from './make-clips.ts'
import { drawSticker } from './sticker-art.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Plain colours of the world's settings (training/valley_training/sticker_world/backgrounds.py). */
export const PLAIN: Readonly<Record<string, string>> = {
  red: '#cd3230',
  yellow: '#f8da46',
  green: '#46a550',
  blue: '#3c6ed7',
  purple: '#874bb9',
  pink: '#f5a5c3',
  brown: '#7d5232',
  grey: '#8a8a8e',
  white: '#f8f8f8',
}

/** A sticker and when it is seen. */
export interface StickerRole {
  readonly thing: string
  readonly style: string
  readonly startSeconds: number
  /** Excluded. */
  readonly endSeconds: number
}

/** What a clip shows. */
export interface StickerScene {
  /** A colour of PLAIN. */
  readonly colour: string
  readonly seconds: number
  /** One or two, side by side. */
  readonly roles: readonly StickerRole[]
  /** Words on a white strip at the bottom, where the machine has a font. */
  readonly words?: string
}

const RATE = 10
const SIDE_PIXELS = 192
/** Side of a sticker, and from one to the next. */
const [STICKER_PIXELS, STEP_PIXELS] = [70, 82]
const CODEC = ['-c:v', 'libx264', '-crf', '23', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-threads', '1'] as const

/** Draws a clip. @returns an mp4 file */
export async function drawStickerClip(scene: StickerScene): Promise<Buffer> {
  const count = Math.round(scene.seconds * RATE)
  const stickers = await Promise.all(scene.roles.map(({ thing, style }) => drawSticker(thing, style, STICKER_PIXELS)))
  const drawn = new Map<string, Buffer>()
  const pictures: Buffer[] = []
  for (let picture = 0; picture < count; picture++) {
    const time = picture / RATE
    const isSeen = scene.roles.map(({ startSeconds, endSeconds }) => time >= startSeconds && time < endSeconds)
    const key = isSeen.join()
    // Nothing moves, so there are as many pictures as moments at which something comes or goes.
    if (!drawn.has(key)) drawn.set(key, await drawPicture(scene, stickers, isSeen))
    pictures.push(drawn.get(key)!)
  }
  const path = join(temporaryFolder(), 'clip.mp4')
  writeClip({ path, width: SIDE_PIXELS, height: SIDE_PIXELS, pictures, rate: String(RATE), options: CODEC })
  return readFileSync(path)
}

async function drawPicture(
  { colour, words }: StickerScene,
  stickers: readonly Buffer[],
  isSeen: readonly boolean[],
): Promise<Buffer> {
  const left = (SIDE_PIXELS - stickers.length * STEP_PIXELS) / 2
  const layers = stickers.map((input, index) => ({
    input,
    left: Math.round(left + (index + 0.5) * STEP_PIXELS - STICKER_PIXELS / 2),
    top: Math.round(0.28 * SIDE_PIXELS),
  }))
  const strip = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE_PIXELS}" height="24"><rect width="100%" height="100%" fill="white"/>
    <text x="4" y="16" font-size="13" font-family="sans-serif">${words ?? ''}</text></svg>`
  const below = words === undefined ? [] : [{ input: Buffer.from(strip), left: 0, top: SIDE_PIXELS - 24 }]
  return sharp({ create: { width: SIDE_PIXELS, height: SIDE_PIXELS, channels: 3, background: PLAIN[colour]! } })
    .composite([...layers.filter((_, index) => isSeen[index]), ...below])
    .removeAlpha()
    .raw()
    .toBuffer()
}
