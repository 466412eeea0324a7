// One SQLite file, used by one or several processes at once. The only importer of libsql, whose calls block the thread:
// each is short, and waiting for another process is done between tries, so that the platforms' heartbeats go on.
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Libsql from 'libsql'
import { assert } from '../assert.ts'
import type { ColumnValue, Connection, Row } from './connection.ts'
import { migrate } from './schema.ts'
import { isBusy, storageError } from './storage-error.ts'

/** How a file is opened. */
export interface DatabaseOptions {
  /** Absolute path; its folder is made when absent. */
  readonly file: string
  /** How long to wait for another process before giving up. Default 5000. */
  readonly busyLimitMs?: number
  /** Largest size of the file. Default 1 GiB. */
  readonly maxBytes?: number
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
}

const DEFAULT_BUSY_LIMIT_MS = 5_000
const DEFAULT_MAX_BYTES = 1024 ** 3
/** How long one try may block this thread: far below the shortest deadline of a platform, 3 s. */
const BLOCKING_WAIT_MS = 50
const PAUSE_BETWEEN_TRIES_MS = 20
const PAGE_BYTES = 4096
/** Conversations and tokens of workspaces are for the owner alone. */
const PRIVATE_FOLDER_MODE = 0o700
const PRIVATE_FILE_MODE = 0o600

/** An open file. What write() has resolved for is on the disk, whatever happens to the process or the power. */
export class Database {
  readonly file: string
  readonly now: () => number
  readonly #libsql: Libsql.Database
  readonly #busyLimitMs: number
  #isOpen = true

  private constructor(libsql: Libsql.Database, { file, now = Date.now, busyLimitMs }: DatabaseOptions) {
    this.file = file
    this.now = now
    this.#libsql = libsql
    this.#busyLimitMs = busyLimitMs ?? DEFAULT_BUSY_LIMIT_MS
  }

  /**
   * Opens a file, makes it when absent, and brings its tables up to date.
   * @throws AppError STORAGE_FAILED when it cannot be opened, is no database, is locked for too long, or was written by a
   *   later version
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { file, maxBytes = DEFAULT_MAX_BYTES } = options
    let libsql: Libsql.Database | null = null
    try {
      mkdirSync(dirname(file), { recursive: true, mode: PRIVATE_FOLDER_MODE })
      const isNew = !existsSync(file)
      const opened = new Libsql(file, { timeout: BLOCKING_WAIT_MS })
      libsql = opened
      if (isNew) chmodSync(file, PRIVATE_FILE_MODE)
      const database = new Database(opened, options)
      await database.#whileNotBusy(() => configure(opened, maxBytes))
      await database.write('be prepared', (connection) => migrate(connection, file, database.now()))
      return database
    } catch (error) {
      libsql?.close()
      throw storageError(file, 'be opened', error)
    }
  }

  /**
   * Runs statements as one transaction that happens whole or not at all, also against other processes.
   * @param action for the error, after "could not", e.g. `keep a thread`
   * @param work must not wait for anything; may run again when another process was in the way
   * @throws AppError STORAGE_FAILED
   */
  async write<Result>(action: string, work: (connection: Connection) => Result): Promise<Result> {
    assert(this.#isOpen, 'the database is open')
    try {
      return await this.#whileNotBusy(() => {
        assert(this.#isOpen, 'the database is open')
        this.#libsql.exec('BEGIN IMMEDIATE')
        try {
          const result = work(connectionOf(this.#libsql))
          this.#libsql.exec('COMMIT')
          return result
        } catch (error) {
          // Some failures, like a full disk, have ended the transaction already.
          if (this.#libsql.inTransaction) this.#libsql.exec('ROLLBACK')
          throw error
        }
      })
    } catch (error) {
      throw storageError(this.file, action, error)
    }
  }

  /**
   * Runs one statement that changes nothing. Readers never wait for writers.
   * @param action for the error, after "could not", e.g. `be read`
   * @throws AppError STORAGE_FAILED
   */
  async read(action: string, sql: string, ...values: readonly ColumnValue[]): Promise<Row[]> {
    assert(this.#isOpen, 'the database is open')
    try {
      return await this.#whileNotBusy(() => connectionOf(this.#libsql).all(sql, ...values))
    } catch (error) {
      throw storageError(this.file, action, error)
    }
  }

  /**
   * Empties the log beside the file, in which what was deleted stands for some time yet. Another process that reads just now
   * puts it off to the next time.
   */
  emptyLog(): void {
    assert(this.#isOpen, 'the database is open')
    try {
      this.#libsql.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      if (!isBusy(error)) throw storageError(this.file, 'empty its log', error)
    }
  }

  /** Writes the whole as it is now into a new file. @throws what libsql throws */
  copyTo(file: string): void {
    assert(this.#isOpen, 'the database is open')
    this.#libsql.prepare('VACUUM INTO ?').run(file)
  }

  /** Does without the log beside the file. @returns false while another connection has the file open */
  leaveLog(): boolean {
    assert(this.#isOpen, 'the database is open')
    try {
      this.#libsql.pragma('journal_mode = DELETE')
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw storageError(this.file, 'leave its log', error)
    }
  }

  /** Closes the file, which then holds everything by itself. Calling it again does nothing. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      // libsql keeps a closed file open until its statements are collected, so SQLite would not do this by itself.
      this.#libsql.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      // What is still in the log beside the file is read from there the next time.
      if (!isBusy(error)) throw storageError(this.file, 'be closed', error)
    } finally {
      this.#libsql.close()
    }
  }

  /** Tries again, with pauses that leave the thread free, for as long as another connection is in the way. */
  async #whileNotBusy<Result>(attempt: () => Result): Promise<Result> {
    const start = performance.now()
    for (;;) {
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error) || performance.now() - start > this.#busyLimitMs) throw error
      }
      await sleep(PAUSE_BETWEEN_TRIES_MS)
    }
  }
}

function configure(libsql: Libsql.Database, maxBytes: number): void {
  libsql.pragma('journal_mode = WAL')
  // NORMAL would be enough for a killed process; FULL also keeps what was acknowledged when the power fails.
  libsql.pragma('synchronous = FULL')
  // What is deleted is overwritten: people are told that it is gone.
  libsql.pragma('secure_delete = ON')
  libsql.pragma(`max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`)
}

function connectionOf(libsql: Libsql.Database): Connection {
  // Statements are not kept: one that is would go on working after close().
  return {
    run: (sql, ...values) => libsql.prepare(sql).run(...values).changes,
    all: (sql, ...values) => libsql.prepare(sql).all(...values) as Row[],
    script: (sql) => {
      libsql.exec(sql)
    },
  }
}
