// Everything that outlives the process, opened and closed together: one file in the data directory.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { HeardPlaces } from '../conversation/heard-places.ts'
import type { QuestionLedger } from '../conversation/question-ledger.ts'
import type { ThreadStore } from '../conversation/thread-store.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { LookLedger, ModerationLabel, ModerationStore } from '../moderation/watch/store.ts'
import { Database } from './database.ts'
import { DedupeStore } from './dedupe-store.ts'
import { DurableThreadStore } from './durable-thread-store.ts'
import { HeardPlaceStore } from './heard-place-store.ts'
import { type InstallationShape, InstallationStore } from './installation-store.ts'
import { JobLedger } from './job-ledger.ts'
import { SqliteModerationStore } from './moderation-store.ts'
import { SqliteKeyvStore } from './sqlite-keyv-store.ts'

/** Name of the file in the data directory; SQLite keeps two more beside it while it is open. */
export const DATABASE_FILE = 'valley.db'

/** What is kept, where and for how long. */
export interface StorageOptions {
  /** Absolute path; made when absent. */
  readonly dataDirectory: string
  /** A thread unused for so long is forgotten. */
  readonly threadIdleMs: number
  /** Threads kept at once; the one unused for longest goes first. */
  readonly maxThreads: number
  /** Largest size of the file; default 1 GiB. */
  readonly maxBytes?: number
  readonly logger: Logger
}

/** The open stores. */
export interface Storage {
  readonly threads: ThreadStore
  readonly events: Pick<DedupeStore, 'claim' | 'release'>
  readonly ledger: QuestionLedger
  readonly heard: HeardPlaces
  readonly moderation: ModerationStore & LookLedger
  /** @typeParam Installation Bolt's own type, at the caller's choice */
  installations<Installation extends InstallationShape>(): InstallationStore<Installation>
  /** Closes the file; to be called once nobody uses the stores any more. Open questions are left to the next one. */
  close(): Promise<void>
}

/**
 * Opens the stores.
 * @throws AppError STORAGE_FAILED
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { dataDirectory, threadIdleMs, maxThreads, maxBytes, logger } = options
  const file = join(dataDirectory, DATABASE_FILE)
  const database = await Database.open({ file, ...(maxBytes === undefined ? {} : { maxBytes }) })
  const store = new SqliteKeyvStore(database, { renewOnRead: true, maxEntries: maxThreads })
  const ledger = new JobLedger(database, { logger })
  return {
    threads: new DurableThreadStore({ store, idleMs: threadIdleMs, logger }),
    events: new DedupeStore(database),
    ledger,
    heard: new HeardPlaceStore(database),
    moderation: new SqliteModerationStore(database),
    installations: () => new InstallationStore(database, logger),
    close: async () => {
      try {
        await ledger.close()
      } finally {
        database.close()
      }
    },
  }
}

/** What a data directory holds. */
export interface StorageReport {
  readonly threads: number
  /** Size of the database. */
  readonly bytes: number
}

/**
 * Looks through the whole database for damage; it may be in use meanwhile.
 * @throws AppError STORAGE_FAILED
 */
export async function inspectStorage(dataDirectory: string): Promise<StorageReport> {
  return await inspectDatabase(join(dataDirectory, DATABASE_FILE))
}

/** The same of a file wherever it is. @throws AppError STORAGE_FAILED */
export async function inspectDatabase(file: string): Promise<StorageReport> {
  const database = await Database.open({ file })
  try {
    const [check] = await database.read('be checked', 'PRAGMA quick_check(1)')
    if (check?.quick_check !== 'ok') {
      throw new AppError(
        'STORAGE_FAILED',
        `The database ${file} is damaged (${String(check?.quick_check)}). Restore it from a backup, or move it away to begin with an empty one.`,
        { details: { file } },
      )
    }
    const sql = "SELECT count(*) AS threads FROM entries WHERE key >= 'threads:' AND key < 'threads;'"
    const [count] = await database.read('be read', sql)
    return { threads: Number(count?.threads), bytes: statSync(file).size }
  } finally {
    database.close()
  }
}

/**
 * The verdicts of moderators that a data directory holds; it may be in use meanwhile.
 * @throws AppError STORAGE_FAILED
 */
export async function readLabels(dataDirectory: string): Promise<ModerationLabel[]> {
  const database = await Database.open({ file: join(dataDirectory, DATABASE_FILE) })
  try {
    return await new SqliteModerationStore(database).labels()
  } finally {
    database.close()
  }
}
