// A runner seen from the bench: a process that measures when it is asked to.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { ANSWER, type Figures, type Task } from './runners/serve.ts'

/** Far above what any task takes, also on a busy machine: it only ends one that hangs. */
const DEADLINE_MS = 60 * 60 * 1000

/** One process under measurement. */
export class Runner {
  readonly name: string
  readonly #child: ChildProcess
  readonly #lines: Interface
  #answered: ((line: string) => void) | null = null
  #failed: ((error: Error) => void) | null = null

  private constructor(name: string, command: string, args: readonly string[]) {
    this.name = name
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment() })
    this.#lines = createInterface({ input: this.#child.stdout! })
    this.#lines.on('line', (line) => {
      if (line.startsWith(ANSWER)) this.#answered?.(line.slice(ANSWER.length))
    })
    let errors = ''
    this.#child.stderr!.on('data', (piece) => (errors = (errors + piece).slice(-2000)))
    this.#child.once('close', (status) => this.#failed?.(new Error(`${name} ended with status ${status}: ${errors}`)))
  }

  /** Starts a process and waits until it is ready. */
  static async open(name: string, command: string, args: readonly string[]): Promise<Runner> {
    const runner = new Runner(name, command, args)
    await runner.#answer()
    return runner
  }

  /** Measures once. */
  measure(task: Task): Promise<Figures> {
    const answer = this.#answer()
    this.#child.stdin!.write(`${JSON.stringify(task)}\n`)
    return answer
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#failed = null
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL') // nothing of it is kept
    await closed
  }

  #answer(): Promise<Figures> {
    let deadline: NodeJS.Timeout | undefined
    return new Promise<Figures>((resolve, reject) => {
      this.#failed = reject
      this.#answered = (line) => resolve(JSON.parse(line) as Figures)
      deadline = setTimeout(() => reject(new Error(`${this.name} gave no answer in an hour`)), DEADLINE_MS)
    }).finally(() => clearTimeout(deadline))
  }
}

/** Flags of npm and of the program that started the bench are not for the runners; what leads to a GPU's driver is. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, VK_ICD_FILENAMES, VK_DRIVER_FILES, LD_LIBRARY_PATH, XDG_RUNTIME_DIR } = process.env
  const gpu = { VK_ICD_FILENAMES, VK_DRIVER_FILES, LD_LIBRARY_PATH, XDG_RUNTIME_DIR }
  return { PATH, HOME, TMPDIR, ORT_DISABLE_TELEMETRY: '1', ...gpu }
}
