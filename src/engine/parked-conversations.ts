// Conversations that memory has no room for, on the disk. Each lies in a file that has no name any more once it is open: it
// vanishes with its last use, with the process and with a crash, and nobody else can open it.
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type CachedToken, ConversationCache } from '../valley/conversation-cache.ts'

/** Where and how much. */
export interface ParkingOptions {
  /** Made when it is not there. */
  readonly folder: string
  /** All files together. */
  readonly maxBytes: number
}

interface Parked {
  readonly file: FileHandle
  readonly tokens: readonly CachedToken[]
  readonly bytes: number
}

/** Conversations by thread id, on the disk; the least recently parked goes first when there is no more room. */
export class ParkedConversations {
  readonly #options: ParkingOptions
  readonly #create: () => ConversationCache
  readonly #parked = new Map<string, Parked>()
  #bytes = 0
  #nextName = 0

  /** @param create makes an empty conversation, whose cache is then filled */
  constructor(options: ParkingOptions, create: () => ConversationCache) {
    this.#options = options
    this.#create = create
  }

  /** Disk in use, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Writes a conversation. One that is larger than all room, or that the disk refuses, is not kept; that costs time only. */
  async park(threadId: string, { cache, tokens }: ConversationCache): Promise<void> {
    await this.forget(threadId)
    const pieces = cache.rowPieces(cache.length)
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    if (bytes === 0 || bytes > this.#options.maxBytes) return
    for (const oldest of this.#parked.keys()) {
      if (this.#bytes + bytes <= this.#options.maxBytes) break
      await this.forget(oldest)
    }
    const file = await this.#openNameless().catch(() => null)
    if (file === null) return
    this.#bytes += bytes
    this.#parked.set(threadId, { file, tokens, bytes })
    try {
      for (const piece of pieces) await eachByte(piece, (bytes, at) => file.write(bytes, at, bytes.length - at))
    } catch {
      await this.forget(threadId) // the disk is full, most likely
    }
  }

  /** Reads a conversation back; it is not on the disk afterwards. Null when it was not there or cannot be read. */
  async take(threadId: string): Promise<ConversationCache | null> {
    const parked = this.#parked.get(threadId)
    if (parked === undefined) return null
    const { file, tokens } = parked
    const { cache } = this.#create()
    try {
      cache.reserve(tokens.length)
      let position = 0
      for (const piece of cache.rowPieces(tokens.length)) {
        const start = position
        await eachByte(piece, async (bytes, at) => {
          const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at)
          if (bytesRead === 0) throw new Error('the file is shorter than what was written')
          return { bytesWritten: bytesRead }
        })
        position += piece.byteLength
      }
      cache.advance(tokens.length)
      return new ConversationCache(cache, tokens)
    } catch {
      return null
    } finally {
      await this.forget(threadId)
    }
  }

  /** Frees what a thread has on the disk. */
  async forget(threadId: string): Promise<void> {
    const parked = this.#parked.get(threadId)
    if (parked === undefined) return
    this.#parked.delete(threadId)
    this.#bytes -= parked.bytes
    await parked.file.close()
  }

  /** Frees everything. */
  async close(): Promise<void> {
    for (const threadId of [...this.#parked.keys()]) await this.forget(threadId)
  }

  async #openNameless(): Promise<FileHandle> {
    const { folder } = this.#options
    await mkdir(folder, { recursive: true })
    const path = join(folder, `.conversation-${process.pid}-${performance.timeOrigin}-${this.#nextName++}`)
    const file = await open(path, 'wx+', 0o600)
    await unlink(path)
    return file
  }
}

/** Goes on until every byte was moved: a read or write may move fewer than asked. */
async function eachByte(
  { buffer, byteOffset, byteLength }: Float32Array,
  move: (bytes: Uint8Array, at: number) => Promise<{ readonly bytesWritten: number }>,
): Promise<void> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  for (let at = 0; at < bytes.length; ) at += (await move(bytes, at)).bytesWritten
}
