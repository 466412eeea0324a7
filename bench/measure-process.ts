// Runs a program and tells the most memory that it took, as Linux counts it.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Between two looks at the process; the high-water mark is the system's own, so only growth right before the end is missed. */
const LOOK_EVERY_MS = 100
const MAX_ERROR_TEXT = 4000
/** What the kernel counts processor time in, on every common system. */
const TICKS_PER_SECOND = 100

/** What a program did. */
export interface MeasuredProcess {
  readonly stdout: string
  readonly seconds: number
  /** Of all cores together. */
  readonly processorSeconds: number
  /** Resident at most: its own memory, and pages of files that it has mapped (VmHWM). */
  readonly peakBytes: number
  /** Of its own at most, without pages of files, which the system can drop (RssAnon). */
  readonly peakOwnBytes: number
}

/** Runs Node with arguments to its end. @throws Error when it fails, with the end of what it said */
export function measureProcess(
  nodeArguments: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<MeasuredProcess> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const started = performance.now()
  const child = spawn(process.execPath, nodeArguments, {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr, peakBytes, peakOwnBytes, processorSeconds] = ['', '', 0, 0, 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_ERROR_TEXT)))
  const look = setInterval(() => {
    const status = fileOf(child.pid!, 'status')
    processorSeconds = Math.max(processorSeconds, ticksOf(fileOf(child.pid!, 'stat')) / TICKS_PER_SECOND)
    peakBytes = Math.max(peakBytes, bytesOf(status, 'VmHWM'))
    peakOwnBytes = Math.max(peakOwnBytes, bytesOf(status, 'RssAnon'))
  }, LOOK_EVERY_MS)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      clearInterval(look)
      const seconds = (performance.now() - started) / 1000
      if (status === 0) resolve({ stdout, seconds, processorSeconds, peakBytes, peakOwnBytes })
      else reject(new Error(`${nodeArguments.join(' ')} ended with status ${status}: ${stderr}`))
    })
  })
}

/** What the kernel says of a process; empty once it has ended. */
function fileOf(id: number, name: string): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** Fields 14 and 15, the program's and the system's for it; counted from behind field 2, a name in brackets that may hold blanks. */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function bytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
}
