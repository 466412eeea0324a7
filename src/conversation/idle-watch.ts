// Waiting until nothing is to be done for anybody, for work that nobody waits for.

/** Lets others wait while something is busy. */
export class IdleWatch {
  readonly #isBusy: () => boolean
  readonly #waiting = new Set<() => void>()

  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy
  }

  /** Resolves while it is not busy. @throws signal.reason on abort */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      if (!this.#isBusy()) return
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake, { once: true })
      })
    }
  }

  /** Something has ended: those who wait look again. */
  look(): void {
    if (!this.#isBusy()) for (const wake of this.#waiting) wake()
  }
}
