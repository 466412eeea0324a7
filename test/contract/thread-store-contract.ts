// What every store of threads must do; each implementation's test runs this suite.
import { describe, expect, it } from 'vitest'
import { addAnswer, addClips, addQuestion, newThread } from '../../src/conversation/thread.ts'
import type { ThreadStore } from '../../src/conversation/thread-store.ts'

/** Declares the suite for one implementation. */
export function threadStoreContract(name: string, open: () => Promise<ThreadStore>): void {
  describe(`a ${name} thread store`, () => {
    it('has nothing for a thread it never saw', async () => {
      expect(await (await open()).load('unknown')).toBeNull()
    })

    it('gives back what was saved last, every part of it', async () => {
      const store = await open()
      const clip = { platform: 'test', handle: '1/2/3', name: 'ball 🎈.mp4', bytes: 7, mediaType: 'video/mp4' }
      const { thread, clipIds } = addClips(newThread('a', 'channel'), [clip, { platform: 'test', handle: '4' }])
      const asked = addQuestion(thread, 'What\nis "this"? 中文', clipIds)
      await store.save(asked)
      const answered = addAnswer(asked, 'A ball.')
      await store.save(answered)
      expect(await store.load('a')).toEqual(answered)
    })

    it('deletes one thread and leaves the others', async () => {
      const store = await open()
      await store.save(newThread('a', 'channel'))
      await store.save(newThread('b', 'channel'))
      await store.delete('a')
      await store.delete('never there')
      expect(await store.load('a')).toBeNull()
      expect(await store.load('b')).toEqual(newThread('b', 'channel'))
    })
  })
}
