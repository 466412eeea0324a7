// Clips made on the spot with the installed ffmpeg, whose right frames are known by arithmetic: picture n is one colour,
// pictureColour(n), stored without loss.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from '../../src/video/frame.ts'

/** The tools as an operator without settings has them. */
export const INSTALLED_TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe' } as const

/** Far above what any test with ffmpeg takes, also on a busy machine: it only ends one that hangs. */
export const FFMPEG_TEST_TIMEOUT_MS = 120_000

/** Red, green, blue, 0..255. */
export type Colour = readonly [number, number, number]

/** A different colour for each of the pictures 0 to 255: 37 is odd, so its multiples differ modulo 256. */
export function pictureColour(picture: number): Colour {
  return [(picture * 37) % 256, (picture * 101) % 256, (255 - picture * 53) & 255]
}

/** One picture of one colour, RGB bytes. */
export function solidPicture(width: number, height: number, colour: Colour): Buffer {
  return Buffer.alloc(width * height * 3, Buffer.from(colour))
}

/** Left half one colour, right half another, and the top left pixel block white: shows turns and flips. */
export function markedPicture(width: number, height: number): Buffer {
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)]
    if (x < width / 4 && y < height / 4) return [255, 255, 255]
    return x < width / 2 ? [255, 0, 0] : [0, 0, 255]
  })
  return Buffer.from(pixels.flat())
}

/** H.264 without loss in RGB, for containers that hold timestamps. */
export const LOSSLESS_H264 = ['-c:v', 'libx264rgb', '-qp', '0', '-preset', 'ultrafast', '-threads', '1'] as const
/** FFV1 without loss in RGB. */
export const LOSSLESS_FFV1 = ['-c:v', 'ffv1', '-pix_fmt', 'bgr0', '-threads', '1'] as const

/** How to write a clip of given pictures. */
export interface PicturesToClip {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly pictures: readonly Buffer[]
  /** Pictures a second, as ffmpeg takes it; default 10. */
  readonly rate?: string
  /** Options for the output: codec, filters, container. */
  readonly options: readonly string[]
}

/** Writes pictures as a clip and returns its path. */
export function writeClip({ path, width, height, pictures, rate = '10', options }: PicturesToClip): string {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', rate, '-i', 'pipe:0']
  runFfmpeg([...input, ...options, '-y', path], Buffer.concat(pictures))
  return path
}

/** Writes a clip of `count` pictures of pictureColour(0), (1), … */
export function writeColourClip(
  path: string,
  count: number,
  options: readonly string[],
  { width = 32, height = 16, rate = '10' } = {},
): string {
  const pictures = Array.from({ length: count }, (_, picture) => solidPicture(width, height, pictureColour(picture)))
  return writeClip({ path, width, height, pictures, rate, options })
}

/** a, b, c, d of a display matrix: x' = a x + c y, y' = b x + d y, y pointing down. */
export type DisplayMatrix = readonly [number, number, number, number]
/** The point right of the middle goes below it. */
export const QUARTER_TURN_CLOCKWISE: DisplayMatrix = [0, 1, -1, 0]

/** Writes a display matrix into the track header of an mp4 with one track (ISO 14496-12, 8.3.2, version 0). */
export function setDisplayMatrix(path: string, [a, b, c, d]: DisplayMatrix): void {
  const bytes = readFileSync(path)
  const header = bytes.indexOf('tkhd', 0, 'latin1')
  const FIXED_POINT = 65536
  // The matrix comes after the type (4 bytes) and 40 bytes of other fields; u, v, x and y stay as they are.
  for (const [place, value] of [a, b, null, c, d].entries()) {
    if (value !== null) bytes.writeInt32BE(value * FIXED_POINT, header + 44 + place * 4)
  }
  writeFileSync(path, bytes)
}

/** Runs ffmpeg and fails with its words when it does. */
export function runFfmpeg(options: readonly string[], input?: Buffer): void {
  const result = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', ...options], { input, maxBuffer: 1e8 })
  if (result.status !== 0) throw new Error(`ffmpeg ${options.join(' ')}: ${result.stderr}`)
}

/** The colour of a frame's pixel; default its middle. */
export function pixelOf(
  { rgb, widthPixels, heightPixels }: Frame,
  x: number = widthPixels >> 1,
  y: number = heightPixels >> 1,
): Colour {
  const start = (y * widthPixels + x) * 3
  return [rgb[start]!, rgb[start + 1]!, rgb[start + 2]!]
}

/** Collects frames; only for the small clips of tests. */
export async function collectFrames(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = []
  for await (const frame of frames) all.push(frame)
  return all
}

/** A folder of the test's own, and its removal. */
export function makeTestFolder(): { folder: string; removeFolder: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'valley-test-'))
  return { folder, removeFolder: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Command names of the processes that this process started and that still run (Linux only; elsewhere none are seen). */
export function runningChildren(): string[] {
  const names: string[] = []
  for (const entry of process.platform === 'linux' ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const status = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const [, name = '', state = '', parent = ''] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(status) ?? []
      // Z has ended and waits to be collected.
      if (Number(parent) === process.pid && state !== 'Z') names.push(name)
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return names.filter((name) => /^(ffmpeg|ffprobe|sh|sleep)$/.test(name))
}
