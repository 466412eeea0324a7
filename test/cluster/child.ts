// A process of a test cluster. Whatever happens, it does not outlive its test.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A started process that speaks by messages. */
export class ClusterChild {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Starts a script of this folder and waits until it says that it is ready. @param settings plain data */
  static async start(script: string, settings: object): Promise<ClusterChild> {
    const path = fileURLToPath(new URL(script, import.meta.url))
    const child = fork(path, [JSON.stringify(settings)], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${script} has ended before it was ready`)))
    ended.catch(() => {})
    await Promise.race([once(child, 'message'), ended])
    return new ClusterChild(child)
  }

  /** Sends it something. */
  tell(message: object): void {
    if (this.#child.connected) this.#child.send(message)
  }

  /** Hears what it says from now on. */
  onMessage(take: (message: object) => void): void {
    this.#child.on('message', take)
  }

  /** Ends it. @param signal SIGKILL for a crash */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill(signal)
    await once(this.#child, 'exit')
  }
}
