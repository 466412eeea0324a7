// How fast bytes come, over the last seconds: what was on the disk before does not count, and a pause shows soon.

/** Long enough to be steady, short enough to notice a change. */
const WINDOW_SECONDS = 10

/** Speed of one transfer. */
export class TransferRate {
  readonly #now: () => number
  /** Times in milliseconds with the bytes done by then, oldest first. */
  #samples: { readonly atMs: number; readonly bytes: number }[] = []

  /** @param now milliseconds of any clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Takes the bytes done so far. */
  record(bytes: number): void {
    const atMs = this.#now()
    this.#samples.push({ atMs, bytes })
    const oldest = atMs - WINDOW_SECONDS * 1000
    // One sample before the window stays, so that there is always something to compare with.
    const first = this.#samples.findIndex((sample) => sample.atMs >= oldest)
    if (first > 1) this.#samples = this.#samples.slice(first - 1)
  }

  /** Bytes a second; null before anything can be said. */
  get bytesPerSecond(): number | null {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.atMs === first.atMs) return null
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000
  }

  /** Seconds that the rest takes at this speed; null where nothing can be said. */
  secondsFor(bytesLeft: number): number | null {
    const speed = this.bytesPerSecond
    return speed === null || speed <= 0 ? null : bytesLeft / speed
  }
}
