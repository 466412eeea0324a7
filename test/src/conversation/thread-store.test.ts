import { expect, it } from 'vitest'
import { newThread } from '../../../src/conversation/thread.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { threadStoreContract } from '../../contract/thread-store-contract.ts'

threadStoreContract('memory', async () => new MemoryThreadStore())

it('forgets the thread unused for longest when there are too many', async () => {
  const store = new MemoryThreadStore({ maxThreads: 2 })
  await store.save(newThread('a', 'channel'))
  await store.save(newThread('b', 'channel'))
  await store.load('a')
  await store.save(newThread('c', 'channel'))
  expect(await store.load('b')).toBeNull()
  expect(await store.load('a')).toEqual(newThread('a', 'channel'))
  expect(store.size).toBe(2)
})

it('forgets a thread that nobody used for the idle time, counted from its last use', async () => {
  let nowMs = 0
  const store = new MemoryThreadStore({ idleMs: 100, now: () => nowMs })
  await store.save(newThread('a', 'channel'))
  nowMs = 99
  expect(await store.load('a')).not.toBeNull()
  nowMs = 198
  expect(await store.load('a')).not.toBeNull()
  nowMs = 298
  expect(await store.load('a')).toBeNull()
  expect(store.size).toBe(0)
})
