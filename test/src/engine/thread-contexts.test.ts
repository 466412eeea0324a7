import { expect, it } from 'vitest'
import { ThreadContexts } from '../../../src/engine/thread-contexts.ts'
import { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'

const shapes = { X: 1, P: 1, F: 2, Dv: 1, Dl: 1, V: 1, L: 1, Hkv: 1, Dh: 1 }
const create = () => new ConversationCache(new KvCache(shapes, 1024))
const NEW_BYTES = create().cache.bytes

it('gives a thread the same conversation each time and another thread another', () => {
  const threads = new ThreadContexts({ maxConversations: 4, maxConversationBytes: 1e9 }, create)
  const a = threads.use('a')
  expect(threads.use('a')).toBe(a)
  expect(threads.use('b')).not.toBe(a)
})

it('forgets the least recently used beyond its number', () => {
  const threads = new ThreadContexts({ maxConversations: 2, maxConversationBytes: 1e9 }, create)
  const [a, b] = [threads.use('a'), threads.use('b')]
  threads.use('a')
  threads.use('c')
  expect(threads.size).toBe(2)
  expect(threads.use('a')).toBe(a)
  expect(threads.use('b')).not.toBe(b)
})

it('forgets others when a cache has grown beyond the bytes, never the latest', () => {
  const threads = new ThreadContexts({ maxConversations: 9, maxConversationBytes: 3 * NEW_BYTES }, create)
  const a = threads.use('a')
  const b = threads.use('b')
  b.cache.reserve(1024)
  expect(b.cache.bytes).toBeGreaterThan(3 * NEW_BYTES)
  threads.trim()
  expect(threads.size).toBe(1)
  expect(threads.use('b')).toBe(b)
  expect(threads.use('a')).not.toBe(a)
})

it('forgets a thread when told to', () => {
  const threads = new ThreadContexts({ maxConversations: 2, maxConversationBytes: 1e9 }, create)
  const a = threads.use('a')
  threads.forget('a')
  expect(threads.use('a')).not.toBe(a)
})
