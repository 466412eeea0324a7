// What every store of threads must do; each implementation's test runs this suite.
import { describe, expect, it } from 'vitest'
import { addAnswer, addQuestion, newThread } from '../../src/conversation/thread.ts'
import type { ThreadStore } from '../../src/conversation/thread-store.ts'

/** Declares the suite for one implementation. */
export function threadStoreContract(name: string, open: () => Promise<ThreadStore>): void {
  describe(`a ${name} thread store`, () => {
    it('has nothing for a thread it never saw', async () => {
      expect(await (await open()).load('unknown')).toBeNull()
    })

    it('gives back what was saved last', async () => {
      const store = await open()
      const asked = addQuestion(newThread('a'), 'What?', [{ path: '/clip.mp4' }])
      await store.save(asked)
      const answered = addAnswer(asked, 'A ball.')
      await store.save(answered)
      expect(await store.load('a')).toEqual(answered)
    })

    it('deletes one thread and leaves the others', async () => {
      const store = await open()
      await store.save(newThread('a'))
      await store.save(newThread('b'))
      await store.delete('a')
      await store.delete('never there')
      expect(await store.load('a')).toBeNull()
      expect(await store.load('b')).toEqual(newThread('b'))
    })
  })
}
