// Runs ffmpeg and ffprobe, bounded on every side. The only file that knows fluent-ffmpeg, so that it can be replaced.
//
// fluent-ffmpeg 2.1.3 offers two ways to run a tool: run(), which can set neither environment nor process group and first
// starts ffmpeg twice to list its abilities, and ffprobe(), which gives no process to stop. Both end in the same internal
// step, _spawnFfmpeg, which hands its options to child_process.spawn as they are. That step is used here; the library is
// archived at this version, so it will not change.
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { Readable } from 'node:stream'
import createCommand from 'fluent-ffmpeg'
import { AppError } from '../errors.ts'
import type { VideoLimits } from './limits.ts'

/** Where the tools are: absolute paths, or bare names to be found on searchPath. */
export interface VideoTools {
  readonly ffmpegPath: string
  readonly ffprobePath: string
  /** Folders to find bare names in, joined by `:`; default DEFAULT_SEARCH_PATH. */
  readonly searchPath?: string
}

/** Where systems keep their programs; Homebrew's folder is macOS's. */
export const DEFAULT_SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/** The oldest ffmpeg that knows every option used here (-fps_mode came with it). */
export const OLDEST_FFMPEG = { major: 5, minor: 1 } as const

/** What to run. */
export interface ToolRequest {
  readonly tool: 'ffmpeg' | 'ffprobe'
  readonly tools: VideoTools
  readonly toolArguments: readonly string[]
  /** Working folder of the process. */
  readonly folder: string
  readonly limits: VideoLimits
  readonly signal?: AbortSignal | undefined
}

/** How a process ended. */
export interface ToolEnd {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null
  /** True when the reader called stop() before the process ended by itself. */
  readonly stopped: boolean
  /** The last hundred lines of its messages; may hold words out of the clip, so clean them before showing. */
  readonly messages: string
}

/** A running process. Whoever starts one awaits stop() in the end, whatever happened. */
export interface ToolProcess {
  /** What it writes; not reading it holds the process up. */
  readonly output: Readable
  /**
   * Resolves when it has ended, whatever its status.
   * @throws AppError TOOL_MISSING, TIMED_OUT; signal.reason after an abort
   */
  readonly ended: Promise<ToolEnd>
  /** Kills the whole process group, if it still runs, and resolves once it is gone. Never rejects. */
  stop(): Promise<void>
  /** While paused the wall-clock limit does not run; for a reader that is busy with what it got. */
  pauseClock(): void
  /** Lets the wall-clock limit run on. */
  resumeClock(): void
}

/** The part of fluent-ffmpeg that is not in its published types. */
interface Spawner {
  _spawnFfmpeg(
    spawnArguments: readonly string[],
    options: SpawnOptions,
    onStart: (child: ChildProcess) => void,
    onEnd: (error: (Error & { code?: string }) | null, output?: unknown, messages?: { get(): string }) => void,
  ): void
}

/**
 * Sets the kernel's limits and becomes the tool. A limit that the system cannot set (macOS has no -v), or that is already
 * lower, stays as it is. No core dumps, no files written. Where util-linux's setpriv is at hand the kernel also kills the
 * tool when we die without a chance to do so ourselves; busybox's setpriv lacks the option, hence the trial. Where its
 * unshare may make one, the tool has a network of its own with nobody on it; containers often forbid that.
 */
const LIMITING_SHELL = '/bin/sh'
const LIMITING_SCRIPT = `
for limit in "-c 0" "-f 0" "-v $1" "-t $2"; do ulimit $limit 2>/dev/null || :; done
shift 2
unshare --user --net setpriv --pdeathsig KILL true 2>/dev/null && exec unshare --user --net setpriv --pdeathsig KILL "$@"
setpriv --pdeathsig KILL true 2>/dev/null && exec setpriv --pdeathsig KILL "$@"
exec "$@"`

/** Shell's exit status when it could not run the command: not executable, not found. */
const CANNOT_RUN_STATUSES: readonly (number | null)[] = [126, 127]

/** Process groups that still run; killed when the program leaves through process.exit in the middle of work. */
const runningGroups = new Set<number>()

/**
 * Starts a tool in a process group of its own: clean environment, no input, memory and processor time capped by the
 * kernel, wall-clock time by a timer. An abort kills the group.
 * @throws signal.reason when already aborted
 */
export function startTool(request: ToolRequest): ToolProcess {
  const { tool, tools, limits, signal } = request
  signal?.throwIfAborted()
  const toolPath = tool === 'ffmpeg' ? tools.ffmpegPath : tools.ffprobePath
  let child: ChildProcess | undefined
  let isOver = false
  let stopped = false
  let failure: unknown
  const clock = new Stopwatch(limits.processTimeoutMs, () => {
    failure ??= timeError(tool, `${limits.processTimeoutMs / 1000} s of time`, 'processTimeoutMs')
    kill()
  })
  const kill = (): void => {
    if (!isOver && child?.pid !== undefined) killGroup(child.pid)
  }
  const onAbort = (): void => {
    failure ??= signal?.reason
    kill()
  }

  const ended = new Promise<ToolEnd>((resolve, reject) => {
    const onEnd: Parameters<Spawner['_spawnFfmpeg']>[3] = (error, _output, messages) => {
      if (isOver) return
      isOver = true
      clock.stop()
      signal?.removeEventListener('abort', onAbort)
      forgetGroup(child?.pid)
      const text = messages?.get() ?? ''
      if (failure !== undefined) reject(failure)
      else if (error?.code !== undefined) reject(missingTool(tool, toolPath, error.code, error))
      else if (CANNOT_RUN_STATUSES.includes(child?.exitCode ?? null)) reject(missingTool(tool, toolPath, text))
      else if (!stopped && (child?.signalCode === 'SIGKILL' || child?.signalCode === 'SIGXCPU')) {
        // The kernel does not say which limit it was; its killer for lack of memory uses the same signal.
        const limit = `${limits.processCpuSeconds} s of processor time, or for lack of memory`
        reject(timeError(tool, limit, 'processCpuSeconds'))
      } else resolve({ status: child?.exitCode ?? null, stopped, messages: text })
    }
    const command = createCommand()
    const isLimited = process.platform !== 'win32'
    // The path is a setting of the whole library; it is read within the next call, before anyone else can run.
    command.setFfmpegPath(isLimited ? LIMITING_SHELL : toolPath)
    const limitingArguments = [
      '-c',
      LIMITING_SCRIPT,
      'valley-limits',
      // ulimit -v counts KiB.
      String(Math.floor(limits.maxMemoryBytes / 1024)),
      String(limits.processCpuSeconds),
      toolPath,
    ]
    const spawner = command as unknown as Spawner
    spawner._spawnFfmpeg(
      isLimited ? [...limitingArguments, ...request.toolArguments] : request.toolArguments,
      {
        cwd: request.folder,
        detached: isLimited,
        env: cleanEnvironment(tools),
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      },
      (started) => {
        child = started
        rememberGroup(child.pid)
      },
      onEnd,
    )
  })
  // Whoever awaits `ended` still sees the failure; this only keeps an early one from counting as unhandled.
  ended.catch(() => {})
  signal?.addEventListener('abort', onAbort, { once: true })

  const output = child?.stdout ?? Readable.from([])
  return {
    output,
    ended,
    pauseClock: () => clock.pause(),
    resumeClock: () => {
      // The last picture may come back from its reader when the process has long ended.
      if (!isOver) clock.resume()
    },
    async stop() {
      if (!isOver) stopped = true
      kill()
      output.destroy()
      await ended.catch(() => {})
    },
  }
}

/** A countdown that can be held. Starts at once. */
class Stopwatch {
  #leftMs: number
  #startedAtMs = 0
  #timer: NodeJS.Timeout | undefined
  readonly #onEnd: () => void

  constructor(limitMs: number, onEnd: () => void) {
    this.#leftMs = limitMs
    this.#onEnd = onEnd
    this.resume()
  }

  resume(): void {
    if (this.#timer !== undefined) return
    this.#startedAtMs = performance.now()
    this.#timer = setTimeout(this.#onEnd, Math.max(0, this.#leftMs))
  }

  pause(): void {
    if (this.#timer === undefined) return
    this.stop()
    this.#leftMs -= performance.now() - this.#startedAtMs
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

/** Nothing of ours reaches the tool: no tokens, no FFREPORT, no loader variables. */
function cleanEnvironment(tools: VideoTools): NodeJS.ProcessEnv {
  return {
    PATH: tools.searchPath ?? DEFAULT_SEARCH_PATH,
    LC_ALL: 'C',
    AV_LOG_FORCE_NOCOLOR: '1',
    // Each further glibc arena reserves 64 MiB of the address space that is capped here.
    MALLOC_ARENA_MAX: '2',
  }
}

function killGroup(pid: number): void {
  try {
    // A detached child leads a group of its own, named by the negative id; Windows has no groups.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: it ended by itself in this very moment, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function rememberGroup(pid: number | undefined): void {
  if (pid === undefined) return
  if (runningGroups.size === 0) process.once('exit', killRunningGroups)
  runningGroups.add(pid)
}

function forgetGroup(pid: number | undefined): void {
  if (pid === undefined) return
  runningGroups.delete(pid)
  if (runningGroups.size === 0) process.off('exit', killRunningGroups)
}

function killRunningGroups(): void {
  for (const pid of runningGroups) killGroup(pid)
}

function missingTool(tool: string, toolPath: string, seen: string, cause?: unknown): AppError {
  const reason = oneLine(seen)
  return new AppError(
    'TOOL_MISSING',
    `${tool} cannot be run from ${JSON.stringify(toolPath)} (${reason}); version ${OLDEST_FFMPEG.major}.` +
      `${OLDEST_FFMPEG.minor} or later is needed. Install it (Debian and Ubuntu: apt-get install ffmpeg; macOS: ` +
      'brew install ffmpeg) or set its path.',
    { details: { tool, toolPath, reason }, cause },
  )
}

function timeError(tool: string, limit: string, setting: string): AppError {
  return new AppError(
    'TIMED_OUT',
    `${tool} was stopped after ${limit}; that is the limit for one process (${setting}). ` +
      'Send a shorter or smaller clip, or raise the limit.',
    { details: { tool, setting }, retryable: true },
  )
}

/** Words that may come out of a clip, made safe for a log or terminal: one line, no control characters, at most 200 long. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
