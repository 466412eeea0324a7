// What bounds one download. Passed in as a value, so that an operator or a test can set others.
import { DEFAULT_VIDEO_LIMITS } from './limits.ts'

/** Bounds of one download. */
export interface DownloadLimits {
  /** Size of the file, bytes, inclusive. */
  readonly maxClipBytes: number
  /** From the first request to the last byte, milliseconds. */
  readonly totalTimeoutMs: number
  /** Without any byte coming, milliseconds; also for connecting. */
  readonly stallTimeoutMs: number
  /** Redirects in a row. */
  readonly maxRedirects: number
}

/** Limits for a server's line. */
export const DEFAULT_DOWNLOAD_LIMITS: DownloadLimits = Object.freeze({
  maxClipBytes: DEFAULT_VIDEO_LIMITS.maxClipBytes,
  // 500 MiB at 3 MiB a second.
  totalTimeoutMs: 180_000,
  stallTimeoutMs: 15_000,
  // One for the platform's own door, one for its storage, one to spare.
  maxRedirects: 3,
})
