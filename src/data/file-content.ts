// Clips are the same when their bytes are, whatever their names.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { dataError, fileErrorText } from './data-error.ts'

/** What the system says where a name leads to no file: nothing there, a folder, something below a file, a name too long. */
const NO_FILE = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'])

/**
 * SHA-256 of a file as hexadecimal digits.
 * @returns null when there is no such file
 * @throws AppError DATASET_INVALID when it is there and cannot be read
 */
export async function contentHash(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch (cause) {
    const seen = fileErrorText(cause)
    if (NO_FILE.has(seen)) return null
    throw dataError(
      `The clip ${path} cannot be read (${seen}); a file is needed. Correct its permissions or remove it.`,
      cause,
    )
  }
  return hash.digest('hex')
}
