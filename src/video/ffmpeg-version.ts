// Which ffmpeg is installed; for `valley doctor`.
import { tmpdir } from 'node:os'
import { AppError } from '../errors.ts'
import { OLDEST_FFMPEG, oneLine, startTool, type VideoTools } from './ffmpeg-process.ts'
import { DEFAULT_VIDEO_LIMITS } from './limits.ts'
import { readAll } from './read-output.ts'

/** Versions of both tools as they name themselves, e.g. `5.1.9-0+deb12u1`. */
export interface FfmpegVersion {
  readonly ffmpeg: string
  readonly ffprobe: string
  /** False when either is known to be older than 5.1; a build without a version number counts as new enough. */
  readonly isSupported: boolean
}

/** `-version` answers in a few lines at once. */
const MAX_VERSION_BYTES = 64 * 1024

/**
 * Asks both tools for their version.
 * @throws AppError TOOL_MISSING when either cannot be run
 */
export async function readFfmpegVersion(tools: VideoTools, signal?: AbortSignal): Promise<FfmpegVersion> {
  const ffmpeg = await readVersion('ffmpeg', tools, signal)
  const ffprobe = await readVersion('ffprobe', tools, signal)
  return { ffmpeg, ffprobe, isSupported: isNewEnough(ffmpeg) && isNewEnough(ffprobe) }
}

async function readVersion(tool: 'ffmpeg' | 'ffprobe', tools: VideoTools, signal?: AbortSignal): Promise<string> {
  const child = startTool({
    tool,
    tools,
    toolArguments: ['-version'],
    folder: tmpdir(),
    limits: DEFAULT_VIDEO_LIMITS,
    signal,
  })
  try {
    const text = await readAll(child, MAX_VERSION_BYTES)
    const end = await child.ended
    const version = /^\S+ version (\S+)/.exec(text)?.[1]
    if (end.status === 0 && version !== undefined) return version
    throw new AppError(
      'TOOL_MISSING',
      `${tool} does not tell its version (exit status ${end.status}, "${oneLine(text)}"); ${OLDEST_FFMPEG.major}.` +
        `${OLDEST_FFMPEG.minor} or later is needed. Install ffmpeg again (apt-get install ffmpeg) or set its path.`,
      { details: { tool } },
    )
  } finally {
    await child.stop()
  }
}

function isNewEnough(version: string): boolean {
  const numbers = /^n?(\d+)\.(\d+)/.exec(version)
  if (numbers === null) return true
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])]
  return major > OLDEST_FFMPEG.major || (major === OLDEST_FFMPEG.major && minor >= OLDEST_FFMPEG.minor)
}
