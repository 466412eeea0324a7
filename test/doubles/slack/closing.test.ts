import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const DEADLOCK_LIMIT_MS = 40_000

it('leaves nothing that keeps a process alive', async () => {
  const script = fileURLToPath(new URL('open-and-close.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const limit = setTimeout(() => child.kill('SIGKILL'), DEADLOCK_LIMIT_MS)
  let output = ''
  child.stdout.on('data', (piece) => {
    output += piece
  })

  const [code, signal] = await once(child, 'close')
  clearTimeout(limit)

  expect([code, signal, output.trim()]).toEqual([0, null, 'closed'])
})
