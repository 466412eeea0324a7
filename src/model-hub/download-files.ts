// The chosen files of a repository, one after the other: the line is the bottleneck, and one at a time leaves one part.
import { join } from 'node:path'
import type { RetryOptions } from '../retry.ts'
import { bytesOnDisk, downloadFile } from './download-file.ts'
import type { Hub } from './hub-access.ts'
import type { Repository, RepositoryFile } from './repository.ts'
import { TransferRate } from './transfer-rate.ts'

/** How far the download has come. */
export interface DownloadProgress {
  /** File that is being fetched. */
  readonly file: string
  /** Of all files, those of earlier runs included. */
  readonly bytesDone: number
  readonly bytesTotal: number
  /** Null before anything can be said. */
  readonly bytesPerSecond: number | null
  readonly secondsLeft: number | null
}

/** How to download. */
export interface DownloadFilesOptions extends RetryOptions {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Milliseconds of any clock that only goes forward; default performance.now. */
  readonly now?: (() => number) | undefined
  readonly stallTimeoutMs?: number | undefined
}

/** Bytes that are still to come. */
export async function missingBytes(files: readonly RepositoryFile[], directory: string): Promise<number> {
  let missing = 0
  for (const file of files) missing += file.bytes - (await bytesOnDisk(join(directory, file.path), file))
  return missing
}

/**
 * Downloads files into a folder, each below its own path; what is there is not fetched again.
 * @throws as downloadFile
 */
export async function downloadFiles(
  hub: Hub,
  repository: Repository,
  files: readonly RepositoryFile[],
  directory: string,
  options: DownloadFilesOptions = {},
): Promise<void> {
  const { onProgress, now, ...each } = options
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const rate = new TransferRate(now)
  let before = 0
  let fetched = 0
  for (const file of files) {
    let last: number | null = null
    const onBytes = (bytes: number) => {
      // What an earlier run left on the disk is done, but says nothing of the speed. A part may also begin anew.
      fetched += last === null ? 0 : Math.max(bytes - last, 0)
      last = bytes
      rate.record(fetched)
      const bytesDone = before + bytes
      const secondsLeft = rate.secondsFor(bytesTotal - bytesDone)
      onProgress?.({ file: file.path, bytesDone, bytesTotal, bytesPerSecond: rate.bytesPerSecond, secondsLeft })
    }
    await downloadFile(hub, repository, file, join(directory, file.path), { ...each, onBytes })
    before += file.bytes
  }
}
