// Lets one loop sleep until something happened; what happened while it was awake counts.

/** A bell for one sleeper. */
export class Wake {
  #hasRung = false
  #ring: () => void = () => {}

  /** Wakes the sleeper, or lets its next sleep end at once. */
  ring(): void {
    this.#hasRung = true
    this.#ring()
  }

  /** Resolves when it has rung since the last time. */
  async sleep(): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        this.#ring = resolve
      })
    }
    this.#hasRung = false
  }
}
