// What the decoders of several clips may have in hand together. The limits of limits.ts hold for one process each, and several
// people ask about clips at the same time.

const MEBIPIXEL = 1024 * 1024
/**
 * Measured with Debian's ffmpeg 5.1 and two threads: decoding takes some 25 bytes of memory a pixel of one picture, and 48 at
 * most within what the standards allow. So this is 2.2 GiB at most: one picture of 8K UHD, the largest there is, and ordinary
 * ones beside it, or a dozen of 1080p.
 */
const MOST_PIXELS_TOGETHER = 48 * MEBIPIXEL
/** What a process takes whatever it decodes: as much as for a picture of 1080p. */
const PROCESS_PIXELS = 2 * MEBIPIXEL

interface Waiting {
  readonly share: number
  readonly enter: () => void
}

/**
 * Room for decoders. Whoever waits for it may be kept waiting by whoever reads what a decoder in it gives, so one room is for
 * readers of whom none waits for another.
 */
export class DecoderRoom {
  readonly #mostPixels: number
  #takenPixels = 0
  #waiting: readonly Waiting[] = []

  /** @param mostPixels of one picture of each decoder in it, and some for each process; default for a few gigabytes */
  constructor(mostPixels = MOST_PIXELS_TOGETHER) {
    this.#mostPixels = mostPixels
  }

  /**
   * Waits for room, first come, first served. What takes more than there is waits until it is alone.
   * @param pixels of one picture, or of as many as are decoded side by side
   * @returns gives the room back; may be called more than once
   * @throws signal.reason on abort, also while it waits
   */
  async enter(pixels: number, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    const share = Math.min(pixels + PROCESS_PIXELS, this.#mostPixels)
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        // It may have been the first, and the next may need less.
        this.#admit()
        reject(signal?.reason)
      }
      const enter = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting = { share, enter }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting = [...this.#waiting, waiting]
      this.#admit()
    })
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#takenPixels -= share
      this.#admit()
    }
  }

  #admit(): void {
    for (;;) {
      const [first, ...others] = this.#waiting
      if (first === undefined || this.#takenPixels + first.share > this.#mostPixels) return
      this.#waiting = others
      this.#takenPixels += first.share
      first.enter()
    }
  }
}
