// Room on the disk: asked for before a long download, and told clearly when it runs out all the same.
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError, fullDiskCode } from '../errors.ts'

/** Left free for everything else that writes to the disk. */
const RESERVE_BYTES = 256 * 1024 * 1024

/** Bytes that this user may still write where a folder is or will be. */
export async function freeBytes(directory: string): Promise<number> {
  let place = resolve(directory)
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(place)
      return bavail * bsize
    } catch (error) {
      const parent = dirname(place)
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === place) throw error
      place = parent
    }
  }
}

/**
 * Makes sure that there is room.
 * @param what needs it, e.g. `The download and the int8 package`
 * @throws AppError DISK_FULL
 */
export async function requireRoom(directory: string, neededBytes: number, what: string): Promise<void> {
  const free = await freeBytes(directory)
  if (neededBytes + RESERVE_BYTES <= free) return
  throw new AppError(
    'DISK_FULL',
    `${what} need ${megabytes(neededBytes + RESERVE_BYTES)} in ${directory}, and ${megabytes(free)} are free there. Make room, or choose another folder with VALLEY_MODELS_DIR, and run it again; it goes on where it stopped.`,
    { details: { directory, neededBytes, freeBytes: free } },
  )
}

/** DISK_FULL for a write that found no room; anything else as it is. */
export function writeFailure(error: unknown, path: string): unknown {
  const code = fullDiskCode(error)
  if (code === null) return error
  return new AppError(
    'DISK_FULL',
    `${path} cannot be written further (${code}); room for the whole is needed. What came is kept: make room, or choose another folder with VALLEY_MODELS_DIR, and run it again; it goes on where it stopped.`,
    { details: { path, reason: code }, cause: error },
  )
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
