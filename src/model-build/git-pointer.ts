// A clone without Git LFS holds, in the place of each large file, a few lines that say where it is. Taken for the file itself
// they are a damaged one, and what to do would not be told.
import { open } from 'node:fs/promises'
import { AppError } from '../errors.ts'

const POINTER_BEGIN = 'version https://git-lfs.github.com/spec/'

/**
 * Makes sure that a file is there itself. One that cannot be opened is left to whoever reads it.
 * @throws AppError CHECKPOINT_INVALID for a pointer
 */
export async function requireFetched(path: string): Promise<void> {
  const file = await open(path).catch(() => null)
  if (file === null) return
  try {
    const begin = Buffer.alloc(POINTER_BEGIN.length)
    await file.read(begin, 0, begin.length, 0)
    if (begin.toString('latin1') === POINTER_BEGIN) throw pointer(path)
  } finally {
    await file.close()
  }
}

function pointer(path: string): AppError {
  return new AppError(
    'CHECKPOINT_INVALID',
    `${path} is a pointer of Git LFS, which stands for a file that was not fetched; the file itself is needed. Run "git lfs pull" in its folder, or "valley model pull" instead.`,
    { details: { path } },
  )
}
