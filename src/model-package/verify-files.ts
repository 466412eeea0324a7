// Compares every file of a package with the SHA-256 in its manifest, as a stream: memory does not grow with the file.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { ModelPackage } from './model-package.ts'
import { corrupt } from './package-error.ts'

/** Large enough that hashing, not the read calls, takes the time. */
const READ_BYTES = 1024 * 1024

/** How far verification has come. */
export interface VerifyProgress {
  /** File being read, by its name in the manifest. */
  readonly file: string
  readonly bytesDone: number
  readonly bytesTotal: number
}

/**
 * Reads every listed file and compares size and SHA-256.
 * @param onProgress called after each MiB read and at the end of each file
 * @throws AppError PACKAGE_CORRUPT naming the first file that differs; signal.reason when aborted
 */
export async function verifyFiles(
  modelPackage: ModelPackage,
  onProgress?: (progress: VerifyProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { directory, manifest } = modelPackage
  const files = Object.entries(manifest.files)
  const bytesTotal = files.reduce((sum, [, { bytes }]) => sum + bytes, 0)
  let bytesDone = 0
  for (const [file, expected] of files) {
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of createReadStream(modelPackage.pathOf(file), { highWaterMark: READ_BYTES })) {
        signal?.throwIfAborted()
        hash.update(chunk)
        bytes += chunk.length
        onProgress?.({ file, bytesDone: bytesDone + bytes, bytesTotal })
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw corrupt(directory, file, `cannot be read`, error)
    }
    bytesDone += bytes
    if (bytes !== expected.bytes) {
      throw corrupt(directory, file, `has ${bytes} bytes; ${expected.bytes} are expected`)
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== expected.sha256) {
      throw corrupt(directory, file, `has the SHA-256 ${sha256}; ${expected.sha256} is expected`)
    }
  }
}
