// Visual tokens by clip key, so that a follow-up question does not look at the clip again. Lives on the main thread with
// its arrays in shared memory: whether a clip is kept is known at once, and it survives a crash of the worker. What memory
// has no room for goes to the disk, where there is room for it, and comes back when it is asked for.
import type { KeptClip, ParkedClips } from './parked-clips.ts'

/** Clips by key, the least recently used going first when the bytes run out. */
export class VisualTokenCache {
  readonly #maxBytes: number
  readonly #parked: ParkedClips | null
  /** In order of use, the latest last. */
  readonly #kept = new Map<string, KeptClip>()
  #bytes = 0

  /**
   * @param maxBytes memory that kept clips may take; the latest clip stays even when it alone is larger
   * @param parked where others go; null to let them go
   */
  constructor(maxBytes: number, parked: ParkedClips | null = null) {
    this.#maxBytes = maxBytes
    this.#parked = parked
  }

  /** Memory in use, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** True while the clip is kept, in memory or on the disk; does not count as use. */
  has(key: string): boolean {
    return this.#kept.has(key) || (this.#parked?.has(key) ?? false)
  }

  /** The clip, which counts as its latest use; undefined when it is not kept. */
  async get(key: string): Promise<KeptClip | undefined> {
    if (!this.#kept.has(key)) {
      const parked = await this.#parked?.read(key)
      if (parked) this.keep(parked)
    }
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
    for (const [oldest, leaving] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === key) return
      this.#letGo(leaving)
    }
  }

  /** Lets a clip go; nothing happens when it is not kept. */
  drop(key: string): void {
    this.#parked?.drop(key)
    const clip = this.#kept.get(key)
    if (clip === undefined) return
    this.#kept.delete(key)
    this.#bytes -= bytesOf(clip)
  }

  /** Lets all clips go to the disk, where there is one; without, they stay, since to look again costs a clip's whole time. */
  shed(): void {
    if (this.#parked === null) return
    for (const clip of this.#kept.values()) this.#letGo(clip)
  }

  #letGo(clip: KeptClip): void {
    this.#kept.delete(clip.visualTokens.key)
    this.#bytes -= bytesOf(clip)
    this.#parked?.park(clip)
  }

  /** Frees the disk. */
  async close(): Promise<void> {
    await this.#parked?.close()
  }
}

function bytesOf({ visualTokens }: KeptClip): number {
  return visualTokens.rows.byteLength + (visualTokens.pixelValues?.byteLength ?? 0)
}
