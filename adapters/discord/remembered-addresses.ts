// Addresses of clips whose post cannot be read again: files of commands, which are in no post, and posts that only the
// person's own app may read. Kept in memory until they expire.
import type { FoundClip } from './parse-clips.ts'

/** Signed addresses by the clip's handle, bounded in number. */
export class RememberedAddresses {
  readonly #urls = new Map<string, string>()
  readonly #capacity: number
  readonly #now: () => number

  /** @param now milliseconds since 1970 */
  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity
    this.#now = now
  }

  /** Remembers the address that came with a clip. */
  add({ clip, url }: FoundClip): void {
    this.#urls.delete(clip.handle)
    this.#urls.set(clip.handle, url)
    for (const handle of this.#urls.keys()) {
      if (this.#urls.size <= this.#capacity) break
      this.#urls.delete(handle)
    }
  }

  /** @returns null when none is remembered that still works */
  get(handle: string): string | null {
    const url = this.#urls.get(handle)
    if (url === undefined) return null
    if (expiryMs(url) > this.#now()) return url
    this.#urls.delete(handle)
    return null
  }

  /** Forgets the clips of a post that was deleted. @param owner `channel/message` */
  forget(owner: string): void {
    for (const handle of this.#urls.keys()) {
      if (handle.startsWith(`${owner}/`)) this.#urls.delete(handle)
    }
  }
}

/** When a signed address stops working: `ex` is in seconds, hexadecimal. An unsigned one does not say. */
function expiryMs(url: string): number {
  const seconds = Number.parseInt(new URL(url).searchParams.get('ex') ?? '', 16)
  return Number.isNaN(seconds) ? Number.POSITIVE_INFINITY : seconds * 1000
}
