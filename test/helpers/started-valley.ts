// Valley as `npm start` runs it, from its sources in a process of its own.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { type CliEnd, runCli } from './run-cli.ts'

/** Valley in a process of its own; whatever happens it does not outlive its test. */
export class StartedValley {
  /** How it ended. */
  readonly end: Promise<CliEnd>
  /** What it has logged by now. */
  stderr = ''
  #child: ChildProcess | null = null

  /**
   * @param folder its working folder; its temporary folder is `tmp` in it
   * @param environment added to what run-cli gives
   */
  constructor(folder: string, environment: Record<string, string>) {
    this.end = runCli({
      cliArguments: [],
      entry: 'main',
      temporaryFolder: join(folder, 'tmp'),
      environment,
      workingFolder: folder,
      onStart: (child) => {
        this.#child = child
        child.stderr?.on('data', (text: string) => {
          this.stderr += text
        })
      },
    })
    onTestFinished(() => {
      this.kill('SIGKILL')
    })
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** How often the log says so by now. */
  count(message: string): number {
    return this.stderr.split('\n').filter((line) => line.includes(`"msg":"${message}"`)).length
  }

  /** The first line of the log that says so. */
  line(message: string): Readonly<Record<string, unknown>> {
    const found = this.stderr.split('\n').find((line) => line.includes(`"msg":"${message}"`))
    return JSON.parse(found ?? '{}') as Readonly<Record<string, unknown>>
  }

  /** Waits until the log has said so, so often. */
  async says(message: string, times = 1): Promise<void> {
    await vi.waitFor(() => expect(this.count(message), this.stderr).toBeGreaterThanOrEqual(times), { timeout: 50_000 })
  }
}
