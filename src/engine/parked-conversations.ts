// Conversations that memory has no room for, on the disk.
import type { CachedToken, ConversationCache } from '../valley/conversation-cache.ts'
import { NamelessFiles, type ParkingOptions } from './nameless-files.ts'

/** Conversations by thread id, on the disk; the least recently parked goes first when there is no more room. */
export class ParkedConversations {
  readonly #files: NamelessFiles
  readonly #create: () => ConversationCache
  readonly #tokens = new Map<string, readonly CachedToken[]>()

  /** @param create makes an empty conversation, whose cache is then filled */
  constructor(options: ParkingOptions, create: () => ConversationCache) {
    this.#files = new NamelessFiles(options)
    this.#create = create
  }

  /** Disk in use, bytes. */
  get bytes(): number {
    return this.#files.bytes
  }

  /** Writes a conversation. One that is larger than all room, or that the disk refuses, is not kept; that costs time only. */
  async park(threadId: string, { cache, tokens }: ConversationCache): Promise<void> {
    if (await this.#files.write(threadId, cache.rowPieces(tokens.length))) this.#tokens.set(threadId, tokens)
    for (const known of this.#tokens.keys()) if (!this.#files.has(known)) this.#tokens.delete(known)
  }

  /** Reads a conversation back; it is not on the disk afterwards. Null when it was not there or cannot be read. */
  async take(threadId: string): Promise<ConversationCache | null> {
    const tokens = this.#tokens.get(threadId)
    if (tokens === undefined) return null
    const conversation = this.#create()
    const { cache } = conversation
    cache.reserve(tokens.length)
    const isRead = await this.#files.readInto(threadId, cache.rowPieces(tokens.length))
    await this.forget(threadId)
    if (!isRead) return null
    conversation.restore(tokens)
    return conversation
  }

  /** Frees what a thread has on the disk. */
  async forget(threadId: string): Promise<void> {
    this.#tokens.delete(threadId)
    await this.#files.forget(threadId)
  }

  /** Frees everything. */
  async close(): Promise<void> {
    this.#tokens.clear()
    await this.#files.close()
  }
}
