// What every platform adapter must do; each adapter's test runs this suite against the real conversation core, with a
// double of the platform on one side and a scripted answerer on the other.
import { describe, expect, it, vi } from 'vitest'
import type { ChatAdapter } from '../../src/conversation/adapter.ts'
import { Bot } from '../../src/conversation/bot.ts'
import { en } from '../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../src/conversation/thread-store.ts'
import { AppError } from '../../src/errors.ts'
import { createLogger } from '../../src/logger.ts'
import { FakeAnswerer, questionText } from '../helpers/fake-answerer.ts'

/** Platforms show things at a pace of their own. */
const DEADLOCK_LIMIT = { timeout: 20_000, interval: 20 }

/** An adapter with a person on the other side of its platform. */
export interface AdapterUnderTest {
  readonly adapter: ChatAdapter
  /** The person posts words, and a clip when one is named. */
  post(text: string, clipPath?: string): void
  /** The person stops the running answer. */
  stop(): void
  /** The person has what was said forgotten. */
  reset(): void
  /** The person has all that is kept of the conversation removed. */
  forget(): void
  /** All that the person has been shown. */
  shown(): string
  /** Resolves once the adapter runs and takes posts; at once when absent. */
  ready?(): Promise<void>
  /** Takes the double of the platform away. */
  close?(): Promise<void>
  /** Text that would do something on this platform if it were shown as it is, and the sign that it did. */
  readonly hostile: { readonly text: string; readonly sign: RegExp }
}

/**
 * Declares the suite for one adapter.
 * @param clipPath a file that exists; nobody reads it
 */
export function adapterContract(
  name: string,
  clipPath: string,
  open: () => AdapterUnderTest | Promise<AdapterUnderTest>,
): void {
  async function withConversation(
    answerer: FakeAnswerer,
    talk: (under: AdapterUnderTest, end: AbortController) => Promise<void>,
  ): Promise<void> {
    const under = await open()
    const bot = new Bot({ answerer, store: new MemoryThreadStore(), logger: createLogger('silent') })
    const end = new AbortController()
    const running = under.adapter.run(bot, end.signal)
    try {
      await under.ready?.()
      await talk(under, end)
    } finally {
      end.abort()
      await running
      await under.close?.()
    }
  }

  const see = (under: AdapterUnderTest, text: string) =>
    vi.waitFor(() => expect(under.shown()).toContain(text), DEADLOCK_LIMIT)

  describe(`the ${name} adapter`, () => {
    it('hands over the words and the clip, and shows the whole answer', async () => {
      const answerer = new FakeAnswerer(() => ({ say: 'A red ball rolls left.' }))
      await withConversation(answerer, async (under) => {
        under.post('What is it?', clipPath)
        await see(under, 'A red ball rolls left.')
        expect(questionText(answerer.questions[0]!)).toBe('[clip-1] What is it?')
        expect(answerer.questions[0]!.threadId).toMatch(new RegExp(`^${under.adapter.platform}:`))
      })
    })

    it('goes on about the same clip in a follow-up', async () => {
      const answerer = new FakeAnswerer()
      await withConversation(answerer, async (under) => {
        under.post('one', clipPath)
        await see(under, 'You said: [clip-1] one')
        under.post('two')
        await see(under, 'You said: two')
        expect(answerer.questions[1]!.messages).toHaveLength(3)
      })
    })

    it('asks for a clip when there is none', async () => {
      await withConversation(new FakeAnswerer(), async (under) => {
        under.post('What is it?')
        await see(under, en.clipWanted)
      })
    })

    it('shows the sentence for an error and nothing of its cause, and the next question works', async () => {
      const error = new AppError('CLIP_TOO_LONG', 'Clip /private/x.mp4 lasts 400 s; 300 s are allowed.')
      const answerer = new FakeAnswerer((question) =>
        questionText(question).includes('bad') ? { fail: error } : { say: 'All is well.' },
      )
      await withConversation(answerer, async (under) => {
        under.post('bad', clipPath)
        await see(under, en.errors.CLIP_TOO_LONG)
        expect(under.shown()).not.toMatch(/private|CLIP_TOO_LONG|400/)
        under.post('good', clipPath)
        await see(under, 'All is well.')
      })
    })

    it('stops an answer when the person says so, and answers the next question', async () => {
      const answerer = new FakeAnswerer((question) => ({
        say: 'First words of many',
        wait: questionText(question).includes('long'),
      }))
      await withConversation(answerer, async (under) => {
        under.post('long', clipPath)
        await see(under, 'First')
        under.stop()
        await vi.waitFor(() => expect(answerer.running).toBe(0), DEADLOCK_LIMIT)
        expect(under.shown()).not.toContain('many')
        under.post('short', clipPath)
        await see(under, 'words of many')
      })
    })

    it('hands over clips as plain data without an address, and can locate them', async () => {
      const answerer = new FakeAnswerer()
      await withConversation(answerer, async (under) => {
        under.post('What is it?', clipPath)
        await see(under, 'You said')
        const [part] = answerer.questions[0]!.messages[0]!.content
        if (part?.type !== 'clip') throw new Error('no clip came')
        const { clip } = part
        expect(clip.platform).toBe(under.adapter.platform)
        expect(JSON.parse(JSON.stringify(clip))).toEqual(clip)
        expect(JSON.stringify(clip)).not.toMatch(/https?:|xox[a-z]-|Bearer/)
        const location = await under.adapter.locateClip(clip, AbortSignal.timeout(5000))
        if (location.kind === 'address') expect(location.allowedHosts).not.toEqual([])
        else expect(location.path).toBe(clipPath)
      })
    })

    it('forgets what was said and keeps the clip when the person says so', async () => {
      const answerer = new FakeAnswerer()
      await withConversation(answerer, async (under) => {
        under.post('one', clipPath)
        await see(under, 'You said: [clip-1] one')
        under.reset()
        await see(under, en.resetDone)
        under.post('two')
        await see(under, 'You said: [clip-1] two')
        expect(answerer.questions[1]!.messages).toHaveLength(1)
      })
    })

    it('forgets the conversation when the person says so', async () => {
      const answerer = new FakeAnswerer()
      await withConversation(answerer, async (under) => {
        under.post('one', clipPath)
        await see(under, 'You said: [clip-1] one')
        under.forget()
        under.post('two')
        await see(under, en.clipWanted)
        expect(answerer.forgotten).toHaveLength(1)
      })
    })

    it('shows what the model says as text that does nothing', async () => {
      let hostile = ''
      const answerer = new FakeAnswerer(() => ({ say: `before ${hostile} after` }))
      await withConversation(answerer, async (under) => {
        hostile = under.hostile.text
        under.post('What?', clipPath)
        await see(under, 'after')
        expect(under.shown()).not.toMatch(under.hostile.sign)
      })
    })

    it('stops the running answer and ends when it is told to end', async () => {
      const answerer = new FakeAnswerer(() => ({ say: 'First words of many', wait: true }))
      await withConversation(answerer, async (under, end) => {
        under.post('long', clipPath)
        await see(under, 'First')
        end.abort()
        await vi.waitFor(() => expect(answerer.running).toBe(0), DEADLOCK_LIMIT)
      })
    })
  })
}
