import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AssertionError } from '../../../src/assert.ts'
import { AppError } from '../../../src/errors.ts'
import { Database } from '../../../src/storage/database.ts'
import { SCHEMA_VERSION } from '../../../src/storage/schema.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openTestDatabase } from './open-test-database.ts'

const IN_A_YEAR_MS = Date.now() + 365 * 24 * 3600 * 1000

/** A user without rights. */
const NOBODY = 65534

/** Another program that uses the same file. */
function openBeside(file: string): Libsql.Database {
  const other = new Libsql(file)
  onTestFinished(() => {
    other.close()
  })
  return other
}

function addEvent(database: Database, key: string): Promise<number> {
  return database.write('take an event', (connection) =>
    connection.run('INSERT INTO seen_events VALUES (?, ?)', key, IN_A_YEAR_MS),
  )
}

async function keysOf(database: Database): Promise<unknown[]> {
  return (await database.read('be read', 'SELECT key FROM seen_events ORDER BY key')).map(({ key }) => key)
}

async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'STORAGE_FAILED' })
  expect((error as AppError).message).not.toContain('\n')
  return error as AppError
}

describe('a database', () => {
  it('makes its folder and its file for the owner alone', async () => {
    const { file } = await openTestDatabase()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
  })

  it('keeps what was written for the next one that opens the file', async () => {
    const first = await openTestDatabase()
    await addEvent(first, 'a')
    first.close()
    expect(await keysOf(await openTestDatabase({ file: first.file }))).toEqual(['a'])
  })

  it('holds everything in its file once it is closed, and can be closed twice', async () => {
    const database = await openTestDatabase()
    await addEvent(database, 'a')
    database.close()
    database.close()
    // A copy of the file alone has everything.
    const copy = join(temporaryFolder(), 'valley.db')
    copyFileSync(database.file, copy)
    expect(await keysOf(await openTestDatabase({ file: copy }))).toEqual(['a'])
    await expect(addEvent(database, 'b')).rejects.toThrow(AssertionError)
    await expect(keysOf(database)).rejects.toThrow(AssertionError)
  })

  it('undoes the whole of a transaction that fails', async () => {
    const database = await openTestDatabase()
    const half = database.write('take an event', (connection) => {
      connection.run('INSERT INTO seen_events VALUES (?, ?)', 'a', IN_A_YEAR_MS)
      connection.run('INSERT INTO seen_events VALUES (?, ?)', 'a', IN_A_YEAR_MS)
    })
    await failureOf(half)
    expect(await keysOf(database)).toEqual([])
    await addEvent(database, 'b')
    expect(await keysOf(database)).toEqual(['b'])
  })
})

describe('the version of the tables', () => {
  it('is written down once', async () => {
    const first = await openTestDatabase({ now: () => 42 })
    first.close()
    const again = await openTestDatabase({ file: first.file })
    const rows = await again.read('be read', 'SELECT version, applied_at_ms FROM schema_version')
    expect(rows).toMatchObject(
      Array.from({ length: SCHEMA_VERSION }, (_, step) => ({ version: step + 1, applied_at_ms: 42 })),
    )
  })

  it('of a later Valley is refused and left alone', async () => {
    const first = await openTestDatabase()
    await first.write('be changed', (connection) => connection.run('INSERT INTO schema_version VALUES (999, 0)'))
    first.close()
    const before = readFileSync(first.file)
    const { message } = await failureOf(Database.open({ file: first.file }))
    expect(message).toMatch(/version 999.*Update Valley/)
    expect(readFileSync(first.file)).toEqual(before)
  })
})

describe('a database that another program', () => {
  it('locks for a moment waits without holding up the thread', async () => {
    const database = await openTestDatabase()
    const other = openBeside(database.file)
    other.exec('BEGIN IMMEDIATE')
    const write = addEvent(database, 'a')
    // This timer could not fire if waiting blocked the thread.
    await new Promise((resolve) => setTimeout(resolve, 150))
    other.exec('COMMIT')
    await write
    expect(await keysOf(database)).toEqual(['a'])
  })

  it('keeps locked fails with what to do, and works again afterwards', async () => {
    const database = await openTestDatabase({ busyLimitMs: 100 })
    const other = openBeside(database.file)
    other.exec('BEGIN IMMEDIATE')
    const error = await failureOf(addEvent(database, 'a'))
    expect(error).toMatchObject({ retryable: true, details: { sqliteCode: 5 } })
    expect(error.message).toMatch(/another process keeps it locked.*End the other program/)
    expect(await keysOf(database)).toEqual([])
    other.exec('ROLLBACK')
    await addEvent(database, 'b')
    expect(await keysOf(database)).toEqual(['b'])
  })

  it('keeps locked from the start cannot be opened', async () => {
    const file = join(temporaryFolder(), 'valley.db')
    openBeside(file).exec('BEGIN EXCLUSIVE; CREATE TABLE other (a)')
    expect(await failureOf(Database.open({ file, busyLimitMs: 100 }))).toMatchObject({ retryable: true })
  })
})

describe('a database fails with one line about the cause', () => {
  it('when the file is something else', async () => {
    const file = join(temporaryFolder(), 'valley.db')
    writeFileSync(file, 'something else '.repeat(500))
    const { message } = await failureOf(Database.open({ file }))
    expect(message).toMatch(/could not be opened: the file is not a database\. Restore it/)
    expect(readFileSync(file, 'utf8')).toMatch(/^something else/)
  })

  it('when the file is damaged', async () => {
    const database = await openTestDatabase()
    for (let index = 0; index < 200; index += 1) await addEvent(database, `${index}`.padEnd(300, '.'))
    database.close()
    truncateSync(database.file, 8192)
    const damaged = Database.open({ file: database.file }).then(async (reopened) => {
      onTestFinished(() => reopened.close())
      await keysOf(reopened)
    })
    expect((await failureOf(damaged)).message).toContain('the file is damaged')
  })

  it('when there is no room left', async () => {
    const database = await openTestDatabase({ maxBytes: 200_000 })
    const fill = async () => {
      for (let index = 0; index < 100; index += 1) await addEvent(database, `${index}`.padEnd(4000, '.'))
    }
    expect((await failureOf(fill())).message).toMatch(/no room left.*Free space/)
    // What was kept before is still there, and room can be made.
    expect((await keysOf(database)).length).toBeGreaterThan(0)
    await database.write('drop events', (connection) => connection.run('DELETE FROM seen_events'))
    await addEvent(database, 'a')
    expect(await keysOf(database)).toEqual(['a'])
  })

  it('when a file stands where its folder should be', async () => {
    const file = join(temporaryFolder(), 'data', 'valley.db')
    writeFileSync(join(file, '..'), '')
    expect((await failureOf(Database.open({ file }))).message).toContain(file)
  })

  it('when a folder stands where the file should be', async () => {
    const file = join(temporaryFolder(), 'valley.db')
    mkdirSync(file)
    expect((await failureOf(Database.open({ file }))).message).toContain('it cannot be opened')
  })

  it('when the folder may not be written to', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o500)
    // Nothing is forbidden to root.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(NOBODY)
    try {
      expect((await failureOf(Database.open({ file: join(folder, 'valley.db') }))).message).toMatch(/user who runs/)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })
})
