// Arrays that memory has no room for, on the disk. Each entry lies in a file that has no name any more once it is open: it
// vanishes with its last use, with the process and with a crash, and nobody else can open it.
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Where and how much. */
export interface ParkingOptions {
  /** Made when it is not there. */
  readonly folder: string
  /** All files together. */
  readonly maxBytes: number
  /** Each stays open, and what a process may hold open its connections and downloads need, too; default 400. */
  readonly maxFiles?: number
}

/** A process has two of these, one for clips and one for conversations: both fit into 1024, the lowest usual limit. */
const DEFAULT_MAX_FILES = 400

interface Entry {
  readonly file: FileHandle
  readonly bytes: number
}

/** Tells apart the files that several of these make in one folder at the same time; they have names for an instant. */
let nextName = 0

/** Arrays by key, on the disk; the least recently written go first when there is no more room. One call at a time. */
export class NamelessFiles {
  readonly #options: ParkingOptions
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(options: ParkingOptions) {
    this.#options = options
  }

  /** Disk in use, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** True while the key's arrays are there. */
  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Writes arrays under a key. @returns false when there is no room for them or the disk refuses */
  async write(key: string, pieces: readonly Float32Array[]): Promise<boolean> {
    await this.forget(key)
    const { maxBytes, maxFiles = DEFAULT_MAX_FILES } = this.#options
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    if (bytes === 0 || bytes > maxBytes) return false
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes + bytes <= maxBytes && this.#entries.size < maxFiles) break
      await this.forget(oldest)
    }
    const file = await this.#openNameless().catch(() => null)
    if (file === null) return false
    this.#bytes += bytes
    this.#entries.set(key, { file, bytes })
    try {
      let start = 0
      for (const piece of pieces) {
        const from = start
        await eachByte(
          piece,
          async (bytes, at) => (await file.write(bytes, at, bytes.length - at, from + at)).bytesWritten,
        )
        start += piece.byteLength
      }
      return true
    } catch {
      await this.forget(key) // the disk is full, most likely
      return false
    }
  }

  /** Reads a key's arrays into arrays of the same lengths. @returns false when they are not there or cannot be read */
  async readInto(key: string, pieces: readonly Float32Array[]): Promise<boolean> {
    const file = this.#entries.get(key)?.file
    if (file === undefined) return false
    try {
      let start = 0
      for (const piece of pieces) {
        const from = start
        await eachByte(piece, async (bytes, at) => (await file.read(bytes, at, bytes.length - at, from + at)).bytesRead)
        start += piece.byteLength
      }
      return true
    } catch {
      await this.forget(key)
      return false
    }
  }

  /** Frees what lies under a key. */
  async forget(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    await entry.file.close()
  }

  /** Frees everything. */
  async close(): Promise<void> {
    for (const key of [...this.#entries.keys()]) await this.forget(key)
  }

  async #openNameless(): Promise<FileHandle> {
    const { folder } = this.#options
    await mkdir(folder, { recursive: true })
    const path = join(folder, `.parked-${process.pid}-${performance.timeOrigin}-${nextName++}`)
    const file = await open(path, 'wx+', 0o600)
    await unlink(path)
    return file
  }
}

/** Goes on until every byte was moved: a read or write may move fewer than asked. @throws Error when none was */
async function eachByte(
  { buffer, byteOffset, byteLength }: Float32Array,
  move: (bytes: Uint8Array, at: number) => Promise<number>,
): Promise<void> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  for (let at = 0; at < bytes.length; ) {
    const moved = await move(bytes, at)
    if (moved === 0) throw new Error(`the file ends ${bytes.length - at} bytes early`)
    at += moved
  }
}
