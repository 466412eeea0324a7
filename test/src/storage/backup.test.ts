import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backUp, restore } from '../../../src/storage/backup.ts'
import { Database } from '../../../src/storage/database.ts'
import { runCli } from '../../helpers/run-cli.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openTestDatabase } from './open-test-database.ts'

async function put(database: Database, key: string): Promise<void> {
  await database.write('be changed', (connection) =>
    connection.run("INSERT INTO entries VALUES (?, 'words', NULL, NULL)", `threads:${key}`),
  )
}

async function keysIn(file: string): Promise<unknown[]> {
  const database = await Database.open({ file })
  try {
    return (await database.read('be read', 'SELECT key FROM entries ORDER BY key')).map(({ key }) => key)
  } finally {
    database.close()
  }
}

function valley(dataDirectory: string, ...cliArguments: string[]) {
  return runCli({
    cliArguments,
    temporaryFolder: temporaryFolder(),
    environment: { VALLEY_DATA_DIR: dataDirectory },
  })
}

describe('a backup', () => {
  it('is made while the database is in use, whole, and for its owner alone', async () => {
    const database = await openTestDatabase()
    await put(database, 'one')
    const target = join(temporaryFolder(), 'deep', 'backup.db')
    expect(await backUp(dirname(database.file), target)).toMatchObject({ file: target, threads: 1 })
    await put(database, 'two')
    expect(await keysIn(target)).toEqual(['threads:one'])
    expect(statSync(target).mode & 0o777).toBe(0o600)
  })

  it('overwrites nothing', async () => {
    const { file } = await openTestDatabase()
    const target = join(temporaryFolder(), 'backup.db')
    writeFileSync(target, 'mine')
    await expect(backUp(dirname(file), target)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/is there already.*Name another/),
    })
    expect(readFileSync(target, 'utf8')).toBe('mine')
  })

  it('of nothing is refused', async () => {
    const folder = temporaryFolder()
    await expect(backUp(folder, join(folder, 'backup.db'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('restoring', () => {
  it('brings back what was backed up, and keeps what was there, once Valley is stopped', async () => {
    const database = await openTestDatabase()
    const data = dirname(database.file)
    await put(database, 'one')
    const target = join(temporaryFolder(), 'backup.db')
    const backup = await valley(data, 'backup', target)
    expect(backup).toMatchObject({ status: 0, stderr: '' })
    expect(backup.stdout).toMatch(/^Backed up 1 threads to /)
    await put(database, 'two')
    // It stands for a Valley that runs: it has the file open.
    const refused = await valley(data, 'restore', target)
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/^STORAGE_FAILED: [^\n]*open in another process[^\n]*Stop it\.\n$/)
    expect(existsSync(`${database.file}.restored`)).toBe(false)
    expect(await keysIn(database.file)).toEqual(['threads:one', 'threads:two'])

    const stopped = join(temporaryFolder(), 'data')
    // libsql keeps what this process has opened; a copy has never been.
    const both = await backUp(data, join(temporaryFolder(), 'both.db'))
    mkdirSync(stopped)
    copyFileSync(both.file, join(stopped, 'valley.db'))
    const restored = await valley(stopped, 'restore', target)
    expect(restored).toMatchObject({ status: 0, stderr: '' })
    expect(await keysIn(join(stopped, 'valley.db'))).toEqual(['threads:one'])
    expect(statSync(join(stopped, 'valley.db')).mode & 0o777).toBe(0o600)
    const kept = readdirSync(stopped).find((name) => /^valley\.db\.before-\d+$/.test(name))
    expect(await keysIn(join(stopped, kept!))).toEqual(['threads:one', 'threads:two'])
  })

  it('begins a folder that held nothing', async () => {
    const database = await openTestDatabase()
    await put(database, 'one')
    const target = join(temporaryFolder(), 'backup.db')
    await backUp(dirname(database.file), target)
    const data = join(temporaryFolder(), 'new')
    expect(await restore(data, target)).toMatchObject({ threads: 1, kept: null })
    expect(readdirSync(data)).toEqual(['valley.db'])
  })

  it('refuses what is no backup, and changes nothing', async () => {
    const database = await openTestDatabase()
    await put(database, 'one')
    database.close()
    const source = join(temporaryFolder(), 'backup.db')
    writeFileSync(source, 'something else '.repeat(500))
    await expect(restore(dirname(database.file), source)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await keysIn(database.file)).toEqual(['threads:one'])
    expect(readdirSync(dirname(database.file)).filter((name) => name.includes('restored'))).toEqual([])
  })
})
