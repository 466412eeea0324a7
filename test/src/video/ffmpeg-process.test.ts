import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_SEARCH_PATH, startTool, type ToolProcess, type VideoTools } from '../../../src/video/ffmpeg-process.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from '../../../src/video/limits.ts'
import { readAll } from '../../../src/video/read-output.ts'
import { FFMPEG_TEST_TIMEOUT_MS, INSTALLED_TOOLS, runningChildren } from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

/** Starts any program in ffmpeg's place, to see what ffmpeg would get. */
function start(
  path: string,
  toolArguments: readonly string[],
  { limits = {}, signal }: { limits?: Partial<VideoLimits>; signal?: AbortSignal } = {},
): ToolProcess {
  const tools: VideoTools = { ffmpegPath: path, ffprobePath: path }
  return startTool({
    tool: 'ffmpeg',
    tools,
    toolArguments,
    folder: tmpdir(),
    limits: { ...DEFAULT_VIDEO_LIMITS, ...limits },
    signal,
  })
}

const sleepTwice = ['-c', 'sleep 600 & echo started; sleep 600']

function isAlive(pid: number): boolean {
  try {
    // The third field is the state; Z has ended and waits to be collected.
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

/** Resolves with the first bytes a tool writes. */
async function firstOutput(child: ToolProcess): Promise<string> {
  for await (const chunk of child.output) return String(chunk)
  return ''
}

afterEach(() => expect(runningChildren()).toEqual([]))

describe('startTool', () => {
  it('gives what the tool writes, its status and its messages', async () => {
    const child = start('sh', ['-c', 'echo out; echo err >&2; exit 3'])
    expect(await readAll(child, 100)).toBe('out\n')
    expect(await child.ended).toMatchObject({ status: 3, stopped: false, messages: expect.stringContaining('err') })
  })

  it('passes nothing of our environment on', async () => {
    const child = start('env', [])
    const names = (await readAll(child, 10_000)).split('\n').map((line) => line.split('=')[0])
    await child.stop()
    // PWD is what the shell sets by itself; `_` likewise.
    const allowed = ['', 'PATH', 'LC_ALL', 'AV_LOG_FORCE_NOCOLOR', 'MALLOC_ARENA_MAX', 'PWD', 'OLDPWD', '_']
    expect(names.filter((name) => !allowed.includes(name!))).toEqual([])
  })

  it('leaves the tool alone on its network, where the system allows it one of its own', async () => {
    const isAllowed = spawnSync('unshare', ['--user', '--net', 'true']).status === 0
    const child = start('cat', ['/proc/self/net/dev'])
    const [, , ...devices] = (await readAll(child, 10_000)).trim().split('\n')
    await child.stop()
    const names = devices.map((line) => line.split(':')[0]!.trim())
    const ours = readFileSync('/proc/self/net/dev', 'utf8').trim().split('\n').slice(2)
    expect(names).toEqual(isAllowed ? ['lo'] : ours.map((line) => line.split(':')[0]!.trim()))
  })

  it('hands arguments over as they are, without a shell reading them', async () => {
    const hostile = ['$(touch /tmp/never)', '; ls', '`id`', "it's", '*', '']
    const child = start('printf', ['[%s]', ...hostile])
    expect(await readAll(child, 1000)).toBe(hostile.map((text) => `[${text}]`).join(''))
    await child.stop()
  })

  it('says what to install when the tool is not there or not a program', async () => {
    for (const path of ['/no/such/ffmpeg', 'no-such-ffmpeg', '/etc/passwd']) {
      const child = start(path, ['-version'])
      await expect(child.ended).rejects.toMatchObject({
        code: 'TOOL_MISSING',
        message: expect.stringMatching(/^[^\n]*5\.1 or later[^\n]*apt-get install ffmpeg[^\n]*$/),
      })
    }
  })

  it('kills the whole group on abort and gives the reason of the abort', async () => {
    const controller = new AbortController()
    const child = start('sh', sleepTwice, { signal: controller.signal })
    await firstOutput(child)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(child.ended).rejects.toBe(reason)
  })

  it('starts nothing when already aborted', () => {
    const reason = new Error('too late')
    expect(() => start('sleep', ['600'], { signal: AbortSignal.abort(reason) })).toThrow(reason)
  })

  it('kills the whole group on stop, also when stopped twice', async () => {
    const child = start('sh', sleepTwice)
    await firstOutput(child)
    await Promise.all([child.stop(), child.stop()])
    expect(await child.ended).toMatchObject({ stopped: true })
  })

  it('stops a process that takes too long and names the limit', async () => {
    const child = start('sleep', ['600'], { limits: { processTimeoutMs: 50 } })
    await expect(child.ended).rejects.toMatchObject({
      code: 'TIMED_OUT',
      retryable: true,
      message: expect.stringContaining('processTimeoutMs'),
    })
  })

  it('does not count the time in which its reader is busy', async () => {
    const child = start('sh', ['-c', 'sleep 0.5; echo done'], { limits: { processTimeoutMs: 300 } })
    child.pauseClock()
    expect(await readAll(child, 100)).toBe('done\n')
    child.resumeClock()
    expect((await child.ended).status).toBe(0)
  })

  it('counts no time after its end, whatever its reader does', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const child = start('sh', ['-c', 'echo done'])
    child.pauseClock()
    await readAll(child, 100)
    await child.ended
    const before = timers()
    child.resumeClock()
    expect(timers()).toBe(before)
    await child.stop()
  })

  it('stops a process that takes too much processor time', async () => {
    const child = start('sh', ['-c', 'while :; do :; done'], { limits: { processCpuSeconds: 1 } })
    await expect(child.ended).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('processCpuSeconds'),
    })
  })

  it.runIf(process.platform === 'linux')('caps memory, and allows neither files nor core dumps', async () => {
    const limits = { maxMemoryBytes: 1 << 30 }
    const child = start('sh', ['-c', 'ulimit -v; ulimit -f; ulimit -c'], { limits })
    // In KiB.
    expect(await readAll(child, 100)).toBe(`${1 << 20}\n0\n0\n`)
    await child.stop()
  })

  it.runIf(process.platform === 'linux')('leaves no process when we are killed without a warning', async () => {
    const script = `
      const { startTool } = await import(${JSON.stringify(new URL('../../../src/video/ffmpeg-process.ts', import.meta.url).href)})
      const { DEFAULT_VIDEO_LIMITS: limits } = await import(${JSON.stringify(new URL('../../../src/video/limits.ts', import.meta.url).href)})
      const tools = { ffmpegPath: 'sh', ffprobePath: 'sh' }
      const toolArguments = ['-c', 'echo $$; exec sleep 600']
      const child = startTool({ tool: 'ffmpeg', tools, toolArguments, folder: '/', limits })
      child.output.pipe(process.stdout)`
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
    let pid = Number.NaN
    try {
      for await (const chunk of parent.stdout) {
        pid = Number(String(chunk))
        break
      }
      expect(pid).toBeGreaterThan(1)
    } finally {
      parent.kill('SIGKILL')
    }
    // Ends at the test's time limit when the process lives on.
    while (isAlive(pid)) await setTimeout(10)
  })

  it('finds the installed tools on its own search path', async () => {
    const child = startTool({
      tool: 'ffprobe',
      tools: { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH },
      toolArguments: ['-version'],
      folder: tmpdir(),
      limits: DEFAULT_VIDEO_LIMITS,
    })
    expect(await readAll(child, 100_000)).toMatch(/^ffprobe version/)
    await child.stop()
  })
})
