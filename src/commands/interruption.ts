// SIGINT, SIGTERM, SIGHUP and the end of the process that this one belongs to become one AbortSignal, so that whatever runs ends in order: engine closed, processes ended,
// temporary files removed.

const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Why a command ended early; not a failure, so nothing is printed for it. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  /** 128 plus the number of the signal, as shells have it. */
  readonly exitStatus: number

  constructor(signal: keyof typeof EXIT_STATUS) {
    super(`Interrupted by ${signal}`)
    this.exitStatus = EXIT_STATUS[signal]
  }
}

/** Listens for the signals from its making until dispose(). */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #listeners = new Map<NodeJS.Signals, () => void>()
  #onInterrupt: (() => 'handled' | 'end') | null = null

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const listener = () => this.#receive(name)
      this.#listeners.set(name, listener)
      process.on(name, listener)
    }
    process.on('disconnect', this.#orphaned)
  }

  /** Aborted with an InterruptedError. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Lets a conversation decide what Ctrl-C (SIGINT) means; the other signals always end. */
  handleInterrupt(decide: () => 'handled' | 'end'): void {
    this.#onInterrupt = decide
  }

  /** Stops listening. */
  dispose(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener)
    process.off('disconnect', this.#orphaned)
  }

  /** Never comes where nobody started this process with a line to it. A signal may have come before: that is no hurry. */
  readonly #orphaned = (): void => {
    if (!this.signal.aborted) this.#controller.abort(new InterruptedError('SIGTERM'))
  }

  #receive(name: keyof typeof EXIT_STATUS): void {
    // Whoever asks twice does not want to wait for order; exit handlers still end processes and remove files.
    if (this.signal.aborted) process.exit(EXIT_STATUS[name])
    if (name === 'SIGINT' && this.#onInterrupt?.() === 'handled') return
    this.#controller.abort(new InterruptedError(name))
  }
}
