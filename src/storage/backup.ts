// The database as one file elsewhere, and back. A backup can be made while Valley runs; restoring needs it stopped.
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../errors.ts'
import { Database } from './database.ts'
import { DATABASE_FILE, inspectDatabase } from './storage.ts'
import { storageError } from './storage-error.ts'

const PRIVATE_FILE_MODE = 0o600
/** What SQLite keeps beside an open file; it belongs to that file and to no other. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** A file that was written, and what stands in it. */
export interface BackupReport {
  readonly file: string
  readonly threads: number
  readonly bytes: number
}

/**
 * Copies the database as it is at one moment; readable by its owner alone, since it holds what people wrote.
 * @param target must not be there yet
 * @throws AppError STORAGE_FAILED
 */
export async function backUp(dataDirectory: string, target: string): Promise<BackupReport> {
  const file = join(dataDirectory, DATABASE_FILE)
  if (!existsSync(file)) throw failed(file, 'is not there; there is nothing to back up. Check dataDirectory.')
  if (existsSync(target)) throw failed(target, 'is there already; a backup is a new file. Name another one.')
  const database = await Database.open({ file })
  try {
    mkdirSync(dirname(target), { recursive: true })
    database.copyTo(target)
    chmodSync(target, PRIVATE_FILE_MODE)
  } catch (error) {
    throw storageError(file, 'be backed up', error)
  } finally {
    database.close()
  }
  return { file: target, ...(await inspectDatabase(target)) }
}

/**
 * Puts a backup in the place of the database, whose file is kept beside it.
 * @returns `kept`: where what was there before is now; null when there was nothing
 * @throws AppError STORAGE_FAILED; nothing was changed then
 */
export async function restore(
  dataDirectory: string,
  source: string,
): Promise<BackupReport & { readonly kept: string | null }> {
  if (!existsSync(source)) throw failed(source, 'is not there. Name a file that "valley backup" has written.')
  const file = join(dataDirectory, DATABASE_FILE)
  const fresh = `${file}.restored`
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
    removeAll(fresh)
    copyFileSync(source, fresh)
    chmodSync(fresh, PRIVATE_FILE_MODE)
    // Opening brings the tables up to date and refuses what is none of ours; inspecting looks for damage.
    const report = await inspectDatabase(fresh)
    const kept = existsSync(file) ? `${file}.before-${statSync(file).mtimeMs.toFixed(0)}` : null
    if (kept !== null) {
      await closeForOthers(file)
      renameSync(file, kept)
    }
    // Closing has put everything into the file; what may still stand beside it belongs to nobody.
    for (const companion of COMPANIONS) for (const name of [file, fresh]) rmSync(name + companion, { force: true })
    renameSync(fresh, file)
    return { ...report, file, kept }
  } catch (error) {
    removeAll(fresh)
    throw storageError(file, 'be restored', error)
  }
}

/** Writes everything into the one file. @throws AppError STORAGE_FAILED while another process has it open */
async function closeForOthers(file: string): Promise<void> {
  const database = await Database.open({ file })
  const isAlone = database.leaveLog()
  database.close()
  if (!isAlone)
    throw failed(file, 'is open in another process; a running Valley would go on with the old one. Stop it.')
}

function removeAll(file: string): void {
  for (const name of [file, ...COMPANIONS.map((companion) => file + companion)]) rmSync(name, { force: true })
}

function failed(file: string, what: string): AppError {
  return new AppError('STORAGE_FAILED', `${file} ${what}`, { details: { file } })
}
