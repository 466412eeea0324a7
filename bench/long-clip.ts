// A clip of two minutes in 1080p with a key frame every 250 pictures, which is what many encoders do by default.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const PICTURES = ['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30:duration=120']
const ENCODER = ['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '5M']
const KEY_FRAMES = ['-g', '250', '-keyint_min', '250', '-sc_threshold', '0']

/** Makes the clip unless it is there. @returns its path */
export async function writeLongClip(folder: string): Promise<string> {
  const path = join(folder, 'two-minutes.mp4')
  if (existsSync(path)) return path
  console.error('Making a clip of two minutes...')
  const part = join(folder, 'part.mp4')
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...PICTURES, ...ENCODER, ...KEY_FRAMES, '-y', part])
  await rename(part, path)
  return path
}
