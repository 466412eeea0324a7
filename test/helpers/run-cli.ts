// Runs the command line in a process of its own, in a temporary folder of its own, so that what it leaves
// behind can be seen.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILT_CLI, BUILT_MAIN, buildIsCurrent } from '../../src/setup/build.mjs'
import { projectPath } from '../../src/setup/paths.mjs'

/** Node's arguments for each entry: as operators run it where the build is current (npm test builds), else the sources. */
const ENTRIES = buildIsCurrent()
  ? { cli: [projectPath(BUILT_CLI)], main: [projectPath(BUILT_MAIN)] }
  : { cli: fromSource('../../src/cli.ts'), main: fromSource('../../src/main.ts') }

function fromSource(path: string): string[] {
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL(path, import.meta.url))]
}

/** How the command line is run. */
export interface CliRequest {
  readonly cliArguments: readonly string[]
  /** What runs: `cli`, the command line (default), or `main`, what `npm start` runs. */
  readonly entry?: keyof typeof ENTRIES
  /** Its TMPDIR; one that nobody else uses. */
  readonly temporaryFolder: string
  /** Added to PATH and TMPDIR; nothing else of the environment reaches it. */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  /** Leaves stdin open after the input, as a person who thinks. */
  readonly keepInputOpen?: boolean
  readonly workingFolder?: string
  /** Called once it runs; may send signals. */
  readonly onStart?: (child: ChildProcess) => void
}

/** How it ended. */
export interface CliEnd {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line to its end. */
export function runCli(request: CliRequest): Promise<CliEnd> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [...ENTRIES[request.entry ?? 'cli'], ...request.cliArguments], {
    cwd: request.workingFolder,
    // HOME too: native libraries like to keep things there.
    env: {
      PATH,
      TMPDIR: request.temporaryFolder,
      HOME: request.temporaryFolder,
      // Nobody's own settings and data.
      VALLEY_CONFIG: devNull,
      VALLEY_DATA_DIR: join(request.temporaryFolder, 'data'),
      // Looking for a GPU takes time, and one must not change what is said.
      VALLEY_DEVICE: 'cpu',
      ...request.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A command that does not read its input may end before all of it is written.
  child.stdin.on('error', () => {})
  child.stdin.write(request.input ?? '')
  if (!request.keepInputOpen) child.stdin.end()
  request.onStart?.(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
}

/**
 * What a run left behind: files of its temporary folder, and processes that work in it (Linux only). tsx keeps its compiled
 * sources there too; they are not the program's.
 */
export function leftBehind(temporaryFolder: string): string[] {
  const files = readdirSync(temporaryFolder).filter((name) => !/^(tsx-\d+|node-compile-cache)$/.test(name))
  const processes = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  const working = processes.filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/cwd`).startsWith(temporaryFolder)
    } catch {
      // It ended meanwhile, or is not ours to look at.
      return false
    }
  })
  return [...files, ...working.map((id) => `process ${id}`)]
}
