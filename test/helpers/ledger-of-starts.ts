// A ledger that outlives the Valley of a test: each start has one of its own over the same file.

import { onTestFinished } from 'vitest'
import type { QuestionLedger } from '../../src/conversation/question-ledger.ts'
import { createLogger } from '../../src/logger.ts'
import type { Database, DatabaseOptions } from '../../src/storage/database.ts'
import { JobLedger } from '../../src/storage/job-ledger.ts'
import { openTestDatabase } from '../src/storage/open-test-database.ts'

/** The ledger, and the database that it stands in. */
export interface LedgerOfStarts {
  readonly ledger: QuestionLedger
  readonly database: Database
  /** Leaves open questions to the next start, as a process that has ended does. */
  nextStart(): Promise<void>
  /** Ids of questions that are not settled. */
  open(): Promise<string[]>
}

/** A deadlock limit for what is written in the background. */
export const SOON = { timeout: 20_000 }
/** Renewed often, so that what could not be written is written soon. */
const LEASE_MS = 300

/** Opens the ledger; it is closed when the running test ends. @param options of its database */
export async function openLedgerOfStarts(options: Partial<DatabaseOptions> = {}): Promise<LedgerOfStarts> {
  const database = await openTestDatabase(options)
  const logger = createLogger('silent')
  let current = new JobLedger(database, { logger, leaseMs: LEASE_MS })
  onTestFinished(() => current.close())
  return {
    database,
    ledger: {
      accept: (id, source) => current.accept(id, source),
      begin: (id) => current.begin(id),
      noteReply: (id, replyId) => current.noteReply(id, replyId),
      settle: (id) => current.settle(id),
      putBack: (id) => current.putBack(id),
      waiting: (platform) => current.waiting(platform),
    },
    nextStart: async () => {
      await current.close()
      current = new JobLedger(database, { logger, leaseMs: LEASE_MS })
    },
    open: async () => {
      const rows = await database.read('be read', "SELECT id FROM jobs WHERE state = 'open'")
      return rows.map(({ id }) => String(id))
    },
  }
}
