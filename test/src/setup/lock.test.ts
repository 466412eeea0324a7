import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from '../../../src/setup/lock.mjs'

const LOCK_MODULE = fileURLToPath(new URL('../../../src/setup/lock.mjs', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'valley-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a script in a Node process of its own; resolves with its pid once it has ended. */
async function runNode(script: string): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('withLock', () => {
  it('returns what the work returns and leaves no file', async () => {
    const lock = join(folder, 'setup.lock')
    expect(await withLock(lock, async () => 7)).toBe(7)
    expect(existsSync(lock)).toBe(false)
  })

  it('frees the lock when the work fails', async () => {
    const lock = join(folder, 'setup.lock')
    await expect(withLock(lock, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(existsSync(lock)).toBe(false)
  })

  it('takes over the lock of a process that is gone', async () => {
    const lock = join(folder, 'setup.lock')
    writeFileSync(lock, String(await runNode('')))
    expect(await withLock(lock, async () => 'mine')).toBe('mine')
  })

  it('lets one process in at a time', async () => {
    const lock = join(folder, 'setup.lock')
    const journal = join(folder, 'journal')
    const script = `
      import { appendFileSync } from 'node:fs'
      import { setTimeout } from 'node:timers/promises'
      import { withLock } from ${JSON.stringify(LOCK_MODULE)}
      await withLock(${JSON.stringify(lock)}, async () => {
        appendFileSync(${JSON.stringify(journal)}, 'in ')
        await setTimeout(50)
        appendFileSync(${JSON.stringify(journal)}, 'out ')
      })`
    await Promise.all([runNode(script), runNode(script), runNode(script)])
    expect(readFileSync(journal, 'utf8')).toBe('in out '.repeat(3))
  })
})
