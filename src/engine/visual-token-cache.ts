// Visual tokens by clip key, so that a follow-up question does not look at the clip again. Lives on the main thread with
// its arrays in shared memory: whether a clip is kept is known at once, and it survives a crash of the worker.
import type { VisualTokens } from '../valley/visual-tokens.ts'

/** A clip that was looked at. */
export interface KeptClip {
  readonly visualTokens: VisualTokens
  readonly frameTimesSeconds: readonly number[]
}

/** Clips by key, the least recently used going first when the bytes run out. */
export class VisualTokenCache {
  readonly #maxBytes: number
  /** In order of use, the latest last. */
  readonly #kept = new Map<string, KeptClip>()
  #bytes = 0

  /** @param maxBytes memory that kept clips may take; the latest clip stays even when it alone is larger */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Memory in use, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** True while the clip is kept; does not count as use. */
  has(key: string): boolean {
    return this.#kept.has(key)
  }

  /** The clip, which counts as its latest use; undefined when it is not kept. */
  get(key: string): KeptClip | undefined {
    const clip = this.#kept.get(key)
    if (clip === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, clip)
    return clip
  }

  /** Keeps a clip under its key, replacing what was there, and lets others go until the bytes suffice. */
  keep(clip: KeptClip): void {
    const { key } = clip.visualTokens
    this.drop(key)
    this.#kept.set(key, clip)
    this.#bytes += bytesOf(clip)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) return
      this.drop(oldest)
    }
  }

  /** Lets a clip go; nothing happens when it is not kept. */
  drop(key: string): void {
    const clip = this.#kept.get(key)
    if (clip === undefined) return
    this.#kept.delete(key)
    this.#bytes -= bytesOf(clip)
  }
}

function bytesOf({ visualTokens }: KeptClip): number {
  return visualTokens.rows.byteLength + (visualTokens.pixelValues?.byteLength ?? 0)
}
