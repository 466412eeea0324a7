import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ParkedConversations } from '../../../src/engine/parked-conversations.ts'
import { ThreadContexts } from '../../../src/engine/thread-contexts.ts'
import { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import { KvArena } from '../../../src/valley/kv-arena.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const shapes = { X: 1, P: 1, F: 2, Dv: 1, Dl: 1, V: 1, L: 2, Hkv: 2, Dh: 3 }
const create = () => new ConversationCache(new KvCache(shapes, 1024))
const NEW_BYTES = create().cache.bytes
const words = (...ids: number[]): PromptToken[] => ids.map((id) => ({ id, visual: null }))

/** Fills a conversation with rows that tell where they are. */
function fill(conversation: ConversationCache, ids: readonly number[]): void {
  const { cache } = conversation
  conversation.noteSaid(words(...ids))
  cache.reserve(ids.length)
  for (const [index, piece] of cache.rowPieces(ids.length).entries())
    piece.set(Array.from(piece, (_, at) => index * 100 + at))
  cache.advance(ids.length)
}

const rowsOf = ({ cache }: ConversationCache) => cache.rowPieces(cache.length).map((piece) => Array.from(piece))

it('gives a thread the same conversation each time and another thread another', async () => {
  const threads = new ThreadContexts({ maxConversations: 4, maxConversationBytes: 1e9 }, create)
  const a = await threads.use('a')
  expect(await threads.use('a')).toBe(a)
  expect(await threads.use('b')).not.toBe(a)
})

it('forgets the least recently used beyond its number', async () => {
  const threads = new ThreadContexts({ maxConversations: 2, maxConversationBytes: 1e9 }, create)
  const [a, b] = [await threads.use('a'), await threads.use('b')]
  await threads.release(a)
  await threads.release(b)
  await threads.use('a')
  await threads.use('c')
  expect(threads.size).toBe(2)
  expect(await threads.use('a')).toBe(a)
  expect(await threads.use('b')).not.toBe(b)
})

it('forgets others when a cache has grown beyond the bytes, never the latest', async () => {
  const threads = new ThreadContexts({ maxConversations: 9, maxConversationBytes: 3 * NEW_BYTES }, create)
  const a = await threads.use('a')
  await threads.release(a)
  const b = await threads.use('b')
  b.cache.reserve(1024)
  expect(b.cache.bytes).toBeGreaterThan(3 * NEW_BYTES)
  await threads.release(b)
  expect(threads.size).toBe(1)
  expect(await threads.use('b')).toBe(b)
  expect(await threads.use('a')).not.toBe(a)
})

it('keeps what an answer is using, however little room there is', async () => {
  const threads = new ThreadContexts({ maxConversations: 1, maxConversationBytes: 0 }, create)
  const [a, b] = [await threads.use('a'), await threads.use('b')]
  expect(await threads.use('a')).toBe(a)
  await threads.release(b)
  expect(threads.size).toBe(1)
  expect(await threads.use('a')).toBe(a)
})

it('makes room at once for what an answer will come to need', async () => {
  const threads = new ThreadContexts({ maxConversations: 9, maxConversationBytes: 4 * NEW_BYTES }, create)
  for (const thread of ['a', 'b', 'c']) await threads.release(await threads.use(thread))
  expect(threads.size).toBe(3)
  const answered = await threads.use('d', [], 3 * NEW_BYTES)
  expect(threads.size).toBe(2)
  expect(threads.bytes).toBe(4 * NEW_BYTES)
  await threads.release(answered)
  expect(threads.bytes).toBe(2 * NEW_BYTES)
})

it('counts answers that lie beside a long one by what each needs, so that quiet threads stay', async () => {
  const rowBytes = NEW_BYTES / create().cache.capacity
  const limits = { maxConversations: 9, maxConversationBytes: 1000 * rowBytes + 4 * NEW_BYTES }
  const threads = new ThreadContexts(limits, create)
  const quiet = await threads.use('quiet')
  await threads.release(quiet)
  const long = await threads.use('long', [], 1000 * rowBytes)
  const short = await Promise.all(['a', 'b'].map((thread) => threads.use(thread, [], NEW_BYTES)))
  for (const conversation of [long, ...short]) fill(conversation, [1, 2, 3])
  new KvArena(shapes).seat(
    [long, ...short].map(({ cache }) => cache),
    1000,
  )
  expect(threads.bytes).toBe(1000 * rowBytes + 3 * NEW_BYTES)
  expect(short.map(({ cache }) => cache.bytes)).toEqual([3 * rowBytes, 3 * rowBytes])
  await threads.use('new', [], NEW_BYTES)
  expect(await threads.use('quiet')).toBe(quiet)
})

it('lets all go that no answer is using, and brings them back from the disk', async () => {
  const parked = new ParkedConversations({ folder: temporaryFolder(), maxBytes: 1e9 }, create)
  const threads = new ThreadContexts({ maxConversations: 9, maxConversationBytes: 1e9 }, create, parked)
  const a = await threads.use('a')
  fill(a, [1, 2, 3])
  const rows = rowsOf(a)
  await threads.release(a)
  const busy = await threads.use('b')
  await threads.shed()
  expect(threads.size).toBe(1)
  expect(await threads.use('b')).toBe(busy)
  expect(rowsOf(await threads.use('a'))).toEqual(rows)
  await parked.close()
})

it('forgets a thread when told to', async () => {
  const threads = new ThreadContexts({ maxConversations: 2, maxConversationBytes: 1e9 }, create)
  const a = await threads.use('a')
  await threads.forget('a')
  expect(await threads.use('a')).not.toBe(a)
})

it('gives a new thread what another has run of the same prompt', async () => {
  const threads = new ThreadContexts({ maxConversations: 4, maxConversationBytes: 1e9 }, create)
  const a = await threads.use('a')
  fill(a, [1, 2, 3, 4])
  const b = await threads.use('b', words(1, 2, 3, 9, 9))
  expect(b.tokens.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(rowsOf(b)).toEqual(rowsOf(a).map((piece) => piece.slice(0, 3 * shapes.Dh)))
  b.cache.truncate(0)
  expect(a.cache.length).toBe(4) // nothing is shared but the content
})

it('moves to the disk what memory has no room for, brings it back as it was, and leaves no file', async () => {
  const folder = temporaryFolder()
  const parked = new ParkedConversations({ folder, maxBytes: 1e6 }, create)
  const threads = new ThreadContexts({ maxConversations: 1, maxConversationBytes: 1e9 }, create, parked)
  const a = await threads.use('a')
  fill(a, [5, 6, 7])
  const [tokens, rows] = [a.tokens, rowsOf(a)]
  await threads.release(a)
  await threads.release(await threads.use('b'))
  expect(parked.bytes).toBe(3 * shapes.Dh * 4 * 2 * shapes.L * shapes.Hkv)
  expect(readdirSync(folder)).toEqual([])
  const back = await threads.use('a')
  expect(back).not.toBe(a)
  expect(back.tokens).toEqual(tokens)
  expect(rowsOf(back)).toEqual(rows)
  expect(parked.bytes).toBe(0)
  await parked.close()
})

it('frees the disk of the least recently parked, and of a thread that is forgotten', async () => {
  const filled = () => {
    const conversation = create()
    fill(conversation, [1, 2])
    return conversation
  }
  const bytes = 2 * shapes.Dh * 4 * 2 * shapes.L * shapes.Hkv
  const parked = new ParkedConversations({ folder: temporaryFolder(), maxBytes: 2 * bytes }, create)
  for (const threadId of ['a', 'b', 'c']) await parked.park(threadId, filled())
  expect(parked.bytes).toBe(2 * bytes)
  expect(await parked.take('a')).toBeNull()
  await parked.forget('b')
  expect(await parked.take('b')).toBeNull()
  expect((await parked.take('c'))?.cache.length).toBe(2)
  expect(parked.bytes).toBe(0)
})

it('forgets a conversation when the folder cannot be written to', async () => {
  const parked = new ParkedConversations({ folder: '/dev/null/no', maxBytes: 1e6 }, create)
  const conversation = create()
  fill(conversation, [1])
  await parked.park('a', conversation)
  expect(await parked.take('a')).toBeNull()
})
