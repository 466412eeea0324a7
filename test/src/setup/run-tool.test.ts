import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runTool, runToolOrFail } from '../../../src/setup/run-tool.mjs'

const NODE = process.execPath
const MODULE = fileURLToPath(new URL('../../../src/setup/run-tool.mjs', import.meta.url))

describe('runTool', () => {
  it('keeps what a program prints and its status', async () => {
    const script = 'console.log("out"); console.error("err"); process.exitCode = 3'
    const { status, output } = await runTool(NODE, ['-e', script])
    expect(status).toBe(3)
    expect(output.split('\n').toSorted().join(' ')).toBe(' err out')
  })

  it('gives a signal as shells do', async () => {
    expect((await runTool(NODE, ['-e', 'process.kill(process.pid, "SIGKILL")'])).status).toBe(128 + 9)
  })

  it('hands on the environment', async () => {
    const { output } = await runTool(NODE, ['-p', 'process.env.VALLEY_TEST'], { VALLEY_TEST: 'there' })
    expect(output).toBe('there\n')
  })
})

describe('runToolOrFail', () => {
  it('explains a failure after what the program said', async () => {
    const failing = runToolOrFail(NODE, ['-e', 'console.log("no disk"); process.exit(4)'], 'Make room.')
    await expect(failing).rejects.toThrow(/^no disk\nSetup stopped: ".*" ended with status 4\. Make room\.$/)
  })

  it('names a program that is not there', async () => {
    await expect(runToolOrFail('no-such-program', [], '')).rejects.toThrow(
      'TOOL_MISSING: no-such-program was not found; it is needed. Install it, then run this again.',
    )
  })
})

describe('runOnTerminal', () => {
  it('ends the program by the signal that ends the setup', async () => {
    const inner = 'console.log(process.pid); setInterval(() => {}, 1000)'
    const outer = `
      import { runOnTerminal } from ${JSON.stringify(MODULE)}
      process.exitCode = await runOnTerminal(['-e', ${JSON.stringify(inner)}])`
    const child = spawn(NODE, ['--input-type=module', '--eval', outer], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [firstLine] = await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [, signal] = await once(child, 'exit')
    expect(signal).toBe('SIGTERM')
    expect(() => process.kill(Number(String(firstLine)), 0)).toThrow('ESRCH')
  })
})
