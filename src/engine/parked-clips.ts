// Visual tokens that memory has no room for, on the disk.
import type { VisualTokens } from '../valley/visual-tokens.ts'
import { NamelessFiles, type ParkingOptions } from './nameless-files.ts'
import { sharedVisualTokens } from './shared-visual-tokens.ts'

/** A clip that was looked at. */
export interface KeptClip {
  readonly visualTokens: VisualTokens
  readonly frameTimesSeconds: readonly number[]
}

/** A clip without its rows, which are on the disk, or on their way there. */
interface ParkedClip {
  readonly clip: KeptClip
  readonly rowValues: number
  isWritten: boolean
}

/** Clips by key, on the disk; the least recently parked goes first when there is no more room. */
export class ParkedClips {
  readonly #files: NamelessFiles
  readonly #parked = new Map<string, ParkedClip>()
  /** The disk is asked for one thing after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ParkingOptions) {
    this.#files = new NamelessFiles(options)
  }

  /** Disk in use, bytes. */
  get bytes(): number {
    return this.#files.bytes
  }

  /** True while the clip is on the disk, or on its way there. */
  has(key: string): boolean {
    return this.#parked.has(key)
  }

  /** Begins to write a clip. One that the disk refuses is not kept. Pixel values stay behind: whoever wants them looks again. */
  park({ visualTokens, frameTimesSeconds }: KeptClip): void {
    const { key, rows } = visualTokens
    const clip = { visualTokens: { ...visualTokens, rows: new Float32Array(0), pixelValues: null }, frameTimesSeconds }
    const parked: ParkedClip = { clip, rowValues: rows.length, isWritten: false }
    this.#parked.set(key, parked)
    void this.#inTurn(async () => {
      if (this.#parked.get(key) !== parked) return // dropped meanwhile
      // A copy, since the system call takes no shared memory.
      parked.isWritten = await this.#files.write(key, [rows.slice()])
      if (!parked.isWritten) this.#parked.delete(key)
      for (const [known, { isWritten }] of this.#parked) {
        if (isWritten && !this.#files.has(known)) this.#parked.delete(known) // made room for this one
      }
    })
  }

  /** Reads a clip back. It stays until it is dropped. Null when it is not there or cannot be read. */
  read(key: string): Promise<KeptClip | null> {
    return this.#inTurn(async () => {
      const parked = this.#parked.get(key)
      if (parked === undefined) return null
      const rows = new Float32Array(parked.rowValues)
      const isRead = await this.#files.readInto(key, [rows])
      if (!isRead) {
        this.#parked.delete(key)
        return null
      }
      const visualTokens: VisualTokens = sharedVisualTokens({ ...parked.clip.visualTokens, rows })
      return { ...parked.clip, visualTokens }
    })
  }

  /** Frees what a clip has on the disk. */
  drop(key: string): void {
    if (this.#parked.delete(key)) void this.#inTurn(() => this.#files.forget(key))
  }

  /** Frees everything. */
  async close(): Promise<void> {
    this.#parked.clear()
    await this.#inTurn(() => this.#files.close())
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run)
    this.#last = result.catch(() => null)
    return result
  }
}
