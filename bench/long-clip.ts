// Clips to decode: 1080p for two minutes, and 720p for as long as is asked, with a key frame every 250 pictures, which is what
// many encoders do by default.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const KEY_FRAMES = ['-g', '250', '-keyint_min', '250', '-sc_threshold', '0']
const ENCODER = ['-c:v', 'libx264', '-preset', 'ultrafast', ...KEY_FRAMES]
/** A minute that is repeated for the clips of many. */
const MINUTE = 'minutes-1.mp4'

/** Makes the clip of two minutes unless it is there. @returns its path */
export function writeTwoMinutes(folder: string): Promise<string> {
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30:duration=120']
  return make(folder, 'two-minutes.mp4', [...pictures, ...ENCODER, '-b:v', '5M'])
}

/** Makes clips of some lengths unless they are there. @returns the folder, which has each as minutes-{length}.mp4 */
export async function writeClipsOfLengths(folder: string, minutes: readonly number[]): Promise<string> {
  const clips = join(folder, 'clips-of-lengths')
  await mkdir(clips, { recursive: true })
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=60']
  const minute = await make(clips, MINUTE, [
    ...pictures,
    ...ENCODER,
    '-b:v',
    '300k',
    '-maxrate',
    '300k',
    '-bufsize',
    '1M',
  ])
  for (const length of minutes.filter((one) => one > 1)) {
    await make(clips, `minutes-${length}.mp4`, ['-stream_loop', String(length - 1), '-i', minute, '-c', 'copy'])
  }
  return clips
}

async function make(folder: string, name: string, options: readonly string[]): Promise<string> {
  const path = join(folder, name)
  if (existsSync(path)) return path
  console.error(`Making ${name}...`)
  const part = join(folder, `part-${name}`)
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...options, '-y', part])
  await rename(part, path)
  return path
}
