// How datasets download clips: by the rules of every clip that Valley downloads, and what is no clip does not stay.
import { rm } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import { dataError } from '../data/data-error.ts'
import type { ClipDownload } from '../data/fetch/clip-fetcher.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../video/download-limits.ts'
import { keepDownload } from '../video/keep-download.ts'
import { sniffClip } from '../video/sniff.ts'

/** What of it a command is told. */
export interface DownloadOptions {
  /** Hosts that may be asked, by commas. */
  readonly hosts: string
  readonly maxBytes?: number
}

/** Downloads by these options. @throws AppError DATASET_INVALID when they do not fit */
export function clipDownloadOf(
  { hosts, maxBytes }: DownloadOptions,
  { limits, trustedHosts }: Config,
  signal?: AbortSignal,
): ClipDownload {
  const allowedHosts = hosts.split(',').flatMap((host) => host.trim() || [])
  const maxClipBytes = maxBytes ?? limits.maxClipBytes
  if (allowedHosts.length === 0 || maxClipBytes < 1) {
    throw dataError(
      `--hosts ${hosts}, --max-bytes ${maxClipBytes} do not fit; one host or more, and 1 or more are allowed. Correct them.`,
    )
  }
  return async (url, path) => {
    const options = { limits: { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes }, trustedHosts }
    const bytes = await keepDownload(
      { url, allowedHosts },
      path,
      signal === undefined ? options : { ...options, signal },
    )
    try {
      await sniffClip(path)
    } catch (error) {
      await rm(path)
      throw error
    }
    return bytes
  }
}
