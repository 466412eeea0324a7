// Puts the storage of this machine together from settings.
import type { Config } from '../config/config.ts'
import type { Logger } from '../logger.ts'
import { openStorage, type Storage } from '../storage/storage.ts'

const HOUR_MS = 60 * 60 * 1000

/** Opens the database in the data directory. The caller closes it. @throws AppError STORAGE_FAILED */
export function openConfiguredStorage({ limits, dataDirectory }: Config, logger: Logger): Promise<Storage> {
  return openStorage({
    dataDirectory,
    threadIdleMs: limits.threadIdleHours * HOUR_MS,
    maxThreads: limits.maxThreads,
    maxBytes: limits.maxDatabaseBytes,
    logger,
  })
}
