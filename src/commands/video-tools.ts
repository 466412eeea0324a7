// The settings' paths as the video room takes them.
import type { Config } from '../config/config.ts'
import { DEFAULT_SEARCH_PATH, type VideoTools } from '../video/ffmpeg-process.ts'

/** Where ffmpeg and ffprobe are by these settings. */
export function videoToolsOf({ ffmpegPath, ffprobePath, searchPath }: Config): VideoTools {
  return {
    ffmpegPath: ffmpegPath ?? 'ffmpeg',
    ffprobePath: ffprobePath ?? 'ffprobe',
    searchPath: searchPath ?? DEFAULT_SEARCH_PATH,
  }
}
