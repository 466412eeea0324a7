// Frames that programs are shown: all of them the same ones.
import type { Frame } from '../../src/video/frame.ts'

const CLIP_WIDTH_PIXELS = 640
const CLIP_HEIGHT_PIXELS = 360

/** A frame; different numbers give different pictures. */
export function pictureOf(number: number): Frame {
  const rgb = new Uint8Array(CLIP_WIDTH_PIXELS * CLIP_HEIGHT_PIXELS * 3)
  for (let at = 0; at < rgb.length; at++) rgb[at] = (at * (7 + number) + (at >> 9)) & 255
  return { timeSeconds: number, widthPixels: CLIP_WIDTH_PIXELS, heightPixels: CLIP_HEIGHT_PIXELS, rgb }
}
