// A clip of a conversation becomes a file on this machine: located by its platform, and downloaded where it has to be.
import type { AnswerEvent, ClipLimits } from '../conversation/answerer.ts'
import type { ClipLocator, ClipReference } from '../conversation/clip.ts'
import type { DownloadedClip } from '../video/download-clip.ts'
import type { DownloadOptions, DownloadSource } from '../video/request-clip.ts'
import type { StageTimings } from './stage-timings.ts'

/** Downloads a clip; see downloadClip in src/video. The limits narrow the downloader's own. */
export type ClipDownloader = (
  source: DownloadSource,
  watch: { readonly onBytes: NonNullable<DownloadOptions['onBytes']>; readonly signal: AbortSignal },
  limits: ClipLimits,
) => Promise<Pick<DownloadedClip, 'path' | 'remove'>>

/** A clip as a file. */
export interface FetchedClip {
  readonly path: string
  /** Deletes the file if it was downloaded; a file of the person's own stays. */
  remove(): Promise<void>
}

/** What fetching a clip needs. */
export interface FetchRequest {
  readonly clip: ClipReference
  readonly clipLimits: ClipLimits
  readonly locateClip: ClipLocator
  readonly downloadClip: ClipDownloader
  readonly timings: StageTimings
  readonly emit: (event: AnswerEvent) => void
  readonly signal: AbortSignal
}

/** @throws AppError of locating and downloading; signal.reason on abort */
export async function fetchClip(request: FetchRequest): Promise<FetchedClip> {
  const { clip, clipLimits, locateClip, downloadClip, timings, emit, signal } = request
  const location = await locateClip(clip, signal)
  if (location.kind === 'file') return { path: location.path, remove: async () => {} }
  const { url, headers = {}, allowedHosts } = location
  emit({ type: 'progress', stage: 'downloading' })
  return timings.measure('download', () =>
    downloadClip(
      { url, headers, allowedHosts, statedBytes: clip.bytes },
      {
        signal,
        onBytes: (done, total) =>
          emit({ type: 'progress', stage: 'downloading', done, ...(total === undefined ? {} : { total }) }),
      },
      clipLimits,
    ),
  )
}
