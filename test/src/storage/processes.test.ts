import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SqliteKeyvStore } from '../../../src/storage/sqlite-keyv-store.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openTestDatabase } from './open-test-database.ts'

const PROCESS = fileURLToPath(new URL('../../helpers/storage-process.ts', import.meta.url))

function start(file: string, task: string, name: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), PROCESS, file, task, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** The lines that a process printed, and its exit status, once it has ended. */
async function ended(child: ChildProcess): Promise<{ lines: string[]; status: number | null }> {
  const lines: string[] = []
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout! })) lines.push(line)
  })()
  const [status] = (await once(child, 'close')) as [number | null]
  await reading
  return { lines, status }
}

describe('two processes on one file', () => {
  it('that begin at once with a new file take each event exactly once between them', async () => {
    const file = join(temporaryFolder(), 'valley.db')
    const [one, two] = await Promise.all(['one', 'two'].map((name) => ended(start(file, 'claim', name))))
    expect([one!.status, two!.status]).toEqual([0, 0])
    const taken = [...one!.lines, ...two!.lines].map(Number).sort((a, b) => a - b)
    expect(taken).toEqual(Array.from({ length: 100 }, (_, number) => number))
  })

  it('lose none of each other’s entries', async () => {
    const file = join(temporaryFolder(), 'valley.db')
    const ends = await Promise.all(['one', 'two'].map((name) => ended(start(file, 'write', name))))
    expect(ends.map(({ status }) => status)).toEqual([0, 0])
    const store = new SqliteKeyvStore(await openTestDatabase({ file }))
    store.namespace = 'test'
    let count = 0
    for await (const _ of store.iterator()) count += 1
    expect(count).toBe(201)
  })
})

it('a process that is killed in the middle of writing loses nothing that it was told is kept', async () => {
  const file = join(temporaryFolder(), 'valley.db')
  const acknowledged: number[] = []
  // Each round goes on with the file as the kill before has left it.
  for (const round of [0, 1, 2]) {
    const child = start(file, 'write-on', `round${round}`)
    let last = -1
    child.stdout!.setEncoding('utf8')
    for await (const text of child.stdout! as AsyncIterable<string>) {
      last = Number(text.trimEnd().split('\n').at(-1))
      if (last >= 20 + round * 7) break
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    acknowledged.push(last)
  }
  const database = await openTestDatabase({ file })
  const store = new SqliteKeyvStore(database)
  store.namespace = 'test'
  for (const [round, last] of acknowledged.entries()) {
    for (let number = 0; number <= last; number += 1) {
      expect(await store.get(`test:round${round}:${number}`)).toBe(`${number}`)
    }
  }
  const common = (await store.get<string>('test:common')) as string
  const [word] = /^round2 \d+ /.exec(common) ?? []
  expect(common).toBe(word!.repeat(500))
  expect(await database.read('be checked', 'PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }])
})
