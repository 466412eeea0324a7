// What SQLite says becomes one line for the operator.
import { AppError } from '../errors.ts'

/** SQLite's primary result codes that an operator can do something about: https://www.sqlite.org/rescode.html */
const REMEDIES: Readonly<Record<number, { readonly seen: string; readonly remedy: string }>> = {
  3: { seen: 'permission is denied', remedy: 'Make the folder and its files writable for the user who runs Valley' },
  5: {
    seen: 'another process keeps it locked',
    remedy: 'End the other program that has the file open, or give each Valley a dataDirectory of its own',
  },
  8: { seen: 'it cannot be written to', remedy: 'Make the folder and its files writable for the user who runs Valley' },
  10: { seen: 'reading or writing failed', remedy: 'Check the disk; dataDirectory must lie on a local one' },
  11: {
    seen: 'the file is damaged',
    remedy: 'Restore it from a backup, or move it away to begin with an empty one',
  },
  13: { seen: 'there is no room left for it', remedy: 'Free space on the disk, or raise limits.maxDatabaseBytes' },
  14: {
    seen: 'it cannot be opened',
    remedy: 'Check that dataDirectory is a folder that the user who runs Valley can write to',
  },
  26: {
    seen: 'the file is not a database',
    remedy: 'Restore it from a backup, or move it away to begin with an empty one',
  },
}

const BUSY = 5
const LOCKED = 6
const FULL = 13
/** Also stands for what the system says of the folder. */
const CANNOT_OPEN = 14

/** True when another connection is in the way and trying again may help. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED
}

/**
 * Wraps what the database threw; an AppError stays as it is.
 * @param action what was being done, after "The database … could not", e.g. `be opened`
 * @returns AppError STORAGE_FAILED, retryable when the file was only locked
 */
export function storageError(file: string, action: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  const code = resultCode(cause)
  const known = code === null ? undefined : REMEDIES[code === LOCKED ? BUSY : code]
  const seen = known?.seen ?? (cause instanceof Error ? cause.message : String(cause))
  const remedy = known?.remedy ?? 'Run "valley doctor"; if that finds nothing, report this line'
  return new AppError('STORAGE_FAILED', `The database ${file} could not ${action}: ${seen}. ${remedy}.`, {
    cause,
    details: { file, sqliteCode: code },
    retryable: isBusy(cause),
  })
}

/** The primary code is the low byte of the extended one. A failed open only has it at the end of its message. */
function resultCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null
  if ('syscall' in error) return 'code' in error && error.code === 'ENOSPC' ? FULL : CANNOT_OPEN
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff
  const code = /: (\d+)"\)$/.exec(error.message)?.[1]
  return code === undefined ? null : Number(code) & 0xff
}
