import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import Libsql from 'libsql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLogger } from '../../../src/logger.ts'
import type { Database } from '../../../src/storage/database.ts'
import { JobLedger, type JobLedgerOptions } from '../../../src/storage/job-ledger.ts'
import { openTestDatabase } from './open-test-database.ts'

const MINUTE_MS = 60_000
const clock = { nowMs: 1_700_000_000_000 }
const logger = createLogger('silent')

async function open(database?: Database, options: Partial<JobLedgerOptions> = {}) {
  const file = database ?? (await openTestDatabase({ now: () => clock.nowMs }))
  const ledger = new JobLedger(file, { logger, ...options })
  onTestFinished(() => ledger.close())
  return { ledger, database: file }
}

/** Makes the question another process's. @param pid its number */
async function handTo(database: Database, id: string, pid: number, host = hostname()): Promise<void> {
  await database.write('be changed', (connection) =>
    connection.run('UPDATE jobs SET owner = ? WHERE id = ?', `${host}:${pid}:other`, id),
  )
}

/** A number that no process has any more. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('an accepted question', () => {
  it('is taken by one of all who try, with what was written down', async () => {
    const { ledger } = await open()
    await ledger.accept('discord:1', '{"at":1}')
    const taken = await Promise.all([ledger.begin('discord:1'), ledger.begin('discord:1')])
    expect(taken.filter((one) => one !== null)).toEqual([{ id: 'discord:1', source: '{"at":1}', replies: [] }])
  })

  it('is not taken again once its answer stands, however often it is delivered', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', 'words')
    await ledger.begin('discord:1')
    await ledger.settle('discord:1')
    await ledger.accept('discord:1', 'words')
    expect(await ledger.begin('discord:1')).toBeNull()
    expect(await ledger.waiting('discord')).toEqual([])
    // What people wrote is gone with it.
    expect(await database.read('be read', 'SELECT source FROM jobs')).toMatchObject([{ source: '' }])
  })

  it('waits for the adapter of its own platform, the oldest first', async () => {
    const { ledger } = await open()
    for (const id of ['discord:2', 'slack:1', 'discord:1']) {
      clock.nowMs += 1
      await ledger.accept(id, '')
    }
    expect(await ledger.waiting('discord')).toEqual(['discord:2', 'discord:1'])
  })

  it('keeps the messages of its reply for the next try, each once and in order', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    await ledger.begin('discord:1')
    for (const reply of ['b', 'a', 'b']) await ledger.noteReply('discord:1', reply)
    await handTo(database, 'discord:1', endedProcess())
    expect(await ledger.begin('discord:1')).toMatchObject({ replies: ['b', 'a'] })
  })
})

describe('a question whose process', () => {
  it('lives is left to it', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    await ledger.begin('discord:1')
    await handTo(database, 'discord:1', process.ppid)
    expect(await ledger.waiting('discord')).toEqual([])
    expect(await ledger.begin('discord:1')).toBeNull()
  })

  it('was killed is taken at once', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    await ledger.begin('discord:1')
    await handTo(database, 'discord:1', endedProcess())
    expect(await ledger.waiting('discord')).toEqual(['discord:1'])
    expect(await ledger.begin('discord:1')).not.toBeNull()
  })

  it('ran on another machine is taken when its lease has ended', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    await ledger.begin('discord:1')
    await handTo(database, 'discord:1', 1, 'elsewhere')
    expect(await ledger.begin('discord:1')).toBeNull()
    clock.nowMs += 15_001
    expect(await ledger.begin('discord:1')).not.toBeNull()
  })

  it('stopped in order is taken at once, and the stop is no try', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    for (let stop = 0; stop < 5; stop++) {
      const next = new JobLedger(database, { logger })
      expect(await next.begin('discord:1')).not.toBeNull()
      await next.close()
    }
    expect(await ledger.waiting('discord')).toEqual(['discord:1'])
  })
})

describe('a question is given up', () => {
  it('when it has ended the program three times', async () => {
    const { ledger, database } = await open()
    await ledger.accept('discord:1', '')
    for (let run = 0; run < 3; run++) {
      expect(await ledger.begin('discord:1')).not.toBeNull()
      await handTo(database, 'discord:1', endedProcess())
    }
    expect(await ledger.begin('discord:1')).toMatchObject({ isGivenUp: true })
    await handTo(database, 'discord:1', endedProcess())
    expect(await ledger.begin('discord:1')).toBeNull()
    expect(await ledger.waiting('discord')).toEqual([])
  })

  it('when an hour has passed, and no longer spoken of after a day', async () => {
    const { ledger } = await open()
    await ledger.accept('discord:1', '')
    await ledger.accept('discord:2', '')
    clock.nowMs += 61 * MINUTE_MS
    expect(await ledger.begin('discord:1')).toMatchObject({ isGivenUp: true })
    clock.nowMs += 24 * 60 * MINUTE_MS
    expect(await ledger.begin('discord:2')).toBeNull()
    expect(await ledger.waiting('discord')).toEqual([])
  })
})

describe('a question that comes while the database fails', () => {
  it('is taken once all the same, and never again once the database works', async () => {
    const database = await openTestDatabase({ now: () => clock.nowMs, busyLimitMs: 20 })
    const { ledger } = await open(database, { leaseMs: 60 })
    const other = new Libsql(database.file)
    onTestFinished(() => void other.close())
    await ledger.accept('discord:1', 'words')
    other.exec('BEGIN IMMEDIATE')
    await expect(ledger.accept('discord:2', 'words')).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await expect(ledger.begin('discord:1')).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await ledger.begin('discord:2')).toEqual({ id: 'discord:2', source: '', replies: [] })
    for (const id of ['discord:1', 'discord:2']) {
      await expect(ledger.settle(id)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    }
    other.exec('ROLLBACK')
    await ledger.accept('discord:2', 'words')
    expect(await ledger.begin('discord:2')).toBeNull()
    await expect
      .poll(() => database.read('be read', 'SELECT id, state FROM jobs'), { timeout: 20_000 })
      .toEqual([{ id: 'discord:1', state: 'settled' }])
  })
})

describe('a question that could not be answered now', () => {
  it('waits for a while, and longer each time', async () => {
    const { ledger } = await open()
    await ledger.accept('discord:1', '')
    for (const pauseMs of [10_000, 20_000]) {
      await ledger.begin('discord:1')
      await ledger.putBack('discord:1')
      clock.nowMs += pauseMs - 1
      expect(await ledger.begin('discord:1')).toBeNull()
      clock.nowMs += 1
    }
    expect(await ledger.begin('discord:1')).not.toBeNull()
  })

  it('does not wait for long when the clock is set back', async () => {
    const { ledger } = await open()
    await ledger.accept('discord:1', '')
    clock.nowMs -= 24 * 60 * MINUTE_MS
    expect(await ledger.waiting('discord')).toEqual(['discord:1'])
    clock.nowMs += 24 * 60 * MINUTE_MS
  })
})
