// A clip on the network becomes a file in a private folder, within limits of size and time, from allowed hosts only. What
// the server says of the clip is not believed: bytes are counted, and a web page in the clip's place is told apart.
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { tooManyBytes } from './clip-size.ts'
import { DownloadClock } from './download-clock.ts'
import { networkFailure, statusFailure } from './download-errors.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from './download-limits.ts'
import { createPrivateFolder } from './private-folder.ts'
import { type DownloadOptions, type DownloadSource, parseUrl, receiveClip, requestClip } from './request-clip.ts'

/** A clip that was fetched; remove it when done. */
export interface DownloadedClip {
  readonly path: string
  readonly bytes: number
  /** Deletes the file and its folder. May be called more than once. */
  remove(): Promise<void>
}

/**
 * Downloads a clip.
 * @throws AppError CLIP_UNREACHABLE, CLIP_ACCESS_DENIED, CLIP_MISSING, CLIP_TOO_LARGE, TIMED_OUT; signal.reason on abort.
 *   Nothing is left behind then.
 */
export async function downloadClip(source: DownloadSource, options: DownloadOptions = {}): Promise<DownloadedClip> {
  const { limits = DEFAULT_DOWNLOAD_LIMITS, signal, temporaryFolder, onBytes } = options
  signal?.throwIfAborted()
  if ((source.statedBytes ?? 0) > limits.maxClipBytes) throw tooManyBytes(source.statedBytes!, limits.maxClipBytes)
  const clock = new DownloadClock(limits, parseUrl(source.url).host, signal)
  const folder = await createPrivateFolder('download', temporaryFolder)
  try {
    const guarded = await requestClip(source, options, limits, clock)
    try {
      const { statusCode = 0 } = guarded.response
      if (statusCode !== 200) throw statusFailure(statusCode, clock.host)
      const path = join(folder.path, 'clip')
      const file = await open(path, 'wx', 0o600)
      try {
        const bytes = await receiveClip(guarded, file, limits, clock, { onBytes })
        return { path, bytes, remove: folder.remove }
      } finally {
        await file.close()
      }
    } finally {
      guarded.close()
    }
  } catch (error) {
    await folder.remove()
    signal?.throwIfAborted()
    throw networkFailure(clock.reason ?? error, clock.host)
  } finally {
    clock.stop()
  }
}
