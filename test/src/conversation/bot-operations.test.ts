// What else people can do than ask, and what an operator can set.
import { describe, expect, it } from 'vitest'
import type { ChannelSettings } from '../../../src/conversation/settings.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { zh } from '../../../src/conversation/texts/zh.ts'
import type { ThreadStore } from '../../../src/conversation/thread-store.ts'
import { AppError } from '../../../src/errors.ts'
import { FakeAnswerer, questionText, reportOf, textOf } from '../../helpers/fake-answerer.ts'
import { message, request } from '../../helpers/messages.ts'
import { endOf, openConversation } from '../../helpers/open-conversation.ts'

describe('reset', () => {
  it('forgets what was said and keeps the clips', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('one', ['/a'])))
    expect(await bot.reset(request())).toBe(en.resetDone)
    await endOf(bot.ask(message('two')))
    expect(questionText(answerer.questions[1]!)).toBe('[clip-1] two')
    expect(answerer.questions[1]!.messages).toHaveLength(1)
  })

  it('makes nothing where nothing was', async () => {
    const { bot, store } = openConversation(new FakeAnswerer())
    await bot.reset(request())
    expect(await store.load('test:one')).toBeNull()
    expect(await bot.isKnown('test:one')).toBe(false)
  })
})

describe('forget', () => {
  it('removes all that is stored and says so in the language of the person', async () => {
    const answerer = new FakeAnswerer()
    const { bot, store } = openConversation(answerer)
    await endOf(bot.ask(message('one', ['/a'])))
    expect(await bot.isKnown('test:one')).toBe(true)
    expect(await bot.forget(request({ locale: 'es-ES' }))).toBe(es.forgetDone)
    expect(await store.load('test:one')).toBeNull()
    expect(answerer.forgotten).toEqual(['test:one'])
  })
})

describe('more detail', () => {
  it('asks on about the same clip', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('one', ['/a'])))
    expect(await endOf(bot.moreDetail(request()))).toMatchObject({ kind: 'answer' })
    expect(questionText(answerer.questions[1]!)).toBe('Describe it in more detail.')
    expect(answerer.questions[1]!.messages).toHaveLength(3)
  })

  it('asked again after a crash between its answer and showing it, shows the same answer', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('one', ['/a'])))
    const asked = request()
    const { text } = await endOf(bot.moreDetail(asked))
    expect(await endOf(bot.moreDetail(asked))).toMatchObject({ kind: 'answer', text })
    expect(answerer.questions).toHaveLength(2)
  })

  it('asks for a clip where there is none', async () => {
    const { bot } = openConversation(new FakeAnswerer())
    expect((await endOf(bot.moreDetail(request()))).text).toBe(en.clipWanted)
  })
})

describe('a follow-up on an earlier answer', () => {
  it('asks for more about the clip of that answer, whatever was spoken of since', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    const { questionId: about } = await endOf(bot.ask(message('one', ['/a'])))
    await endOf(bot.ask(message('two', ['/b'])))
    await endOf(bot.moreDetail({ ...request(), about: about! }))
    expect(questionText(answerer.questions[2]!)).toBe('[clip-1] Describe it in more detail.')
    await endOf(bot.ask(message('three', ['/b'])))
    await endOf(bot.tryAgain({ ...request(), about: about! }))
    expect(questionText(answerer.questions[4]!)).toBe('[clip-1] one')
    // Others have built on the first answer, so it stays where it is.
    expect(answerer.questions[4]!.messages).toHaveLength(9)
  })

  it('tries the last answer again in its place, however often, by the button of any of its answers', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    const { questionId: about } = await endOf(bot.ask(message('one', ['/a'])))
    const again = await endOf(bot.tryAgain({ ...request(), about: about! }))
    expect(again.questionId).toBe(about)
    await endOf(bot.tryAgain({ ...request(), about: about! }))
    expect(answerer.questions.map(({ messages }) => messages.length)).toEqual([1, 1, 1])
  })

  it('tries a failed question again after others were answered', async () => {
    let fails = true
    const answerer = new FakeAnswerer(() => (fails ? { fail: new AppError('TIMED_OUT', 'no') } : { say: 'Yes.' }))
    const { bot } = openConversation(answerer)
    const { questionId: about } = await endOf(bot.ask(message('failed', ['/a'])))
    fails = false
    await endOf(bot.ask(message('fine', ['/b'])))
    await endOf(bot.tryAgain({ ...request(), about: about! }))
    expect(questionText(answerer.questions[2]!)).toBe('[clip-2] failed')
  })

  it('asks no other question when the one that is meant is not known any more', async () => {
    const answerer = new FakeAnswerer()
    const { bot, store } = openConversation(answerer)
    const asked = await endOf(bot.ask(message('one', ['/a'])))
    const lost = { ...request(), about: 'test:lost' }
    expect(await endOf(bot.tryAgain(lost))).toMatchObject({ kind: 'incomplete', text: en.nothingToRepeat })
    expect(await endOf(bot.moreDetail(lost))).toMatchObject({ kind: 'incomplete', text: en.nothingToRepeat })
    expect(answerer.questions).toHaveLength(1)
    expect((await store.load('test:one'))?.turns[0]).toMatchObject({ questionId: asked.questionId })
  })
})

describe('trying again', () => {
  it('asks an answered question in a way that can come out differently, in the place of the first answer', async () => {
    let count = 0
    const answerer = new FakeAnswerer(() => {
      count += 1
      return { say: `Answer ${count}` }
    })
    const { bot } = openConversation(answerer, { random: () => 0.5 })
    await endOf(bot.ask(message('one', ['/a'])))
    expect((await endOf(bot.tryAgain(request()))).text).toBe('Answer 2')
    const again = answerer.questions[1]!
    expect(again.messages.map((_, index) => textOf(again, index))).toEqual(['[clip-1] one'])
    expect(again.options).toMatchObject({ temperature: 0.7, seed: 2 ** 31 })
    await endOf(bot.ask(message('two')))
    const last = answerer.questions[2]!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual(['[clip-1] one', 'Answer 2', 'two'])
  })

  it('asks a failed question as it was, with its clip, as often as it takes', async () => {
    let left = 2
    const answerer = new FakeAnswerer(() => {
      left -= 1
      return left >= 0 ? { fail: new AppError('CLIP_UNREACHABLE', 'no') } : { say: 'Now.' }
    })
    const { bot } = openConversation(answerer)
    const failed = await endOf(bot.ask(message('one', ['/a'])))
    expect(failed.actions).toEqual(['try-again'])
    expect((await endOf(bot.tryAgain(request()))).code).toBe('CLIP_UNREACHABLE')
    expect((await endOf(bot.tryAgain(request()))).text).toBe('Now.')
    expect(questionText(answerer.questions[2]!)).toBe('[clip-1] one')
    expect(answerer.questions[2]!.options.temperature).toBeUndefined()
  })

  it('leaves the first answer where the second fails', async () => {
    let fails = false
    const answerer = new FakeAnswerer(() => (fails ? { fail: new Error('no') } : { say: 'First.' }))
    const { bot, store } = openConversation(answerer)
    await endOf(bot.ask(message('one', ['/a'])))
    const before = await store.load('test:one')
    fails = true
    await endOf(bot.tryAgain(request()))
    expect(await store.load('test:one')).toEqual(before)
  })

  it('says so where nothing was asked', async () => {
    const { bot } = openConversation(new FakeAnswerer())
    expect(await endOf(bot.tryAgain(request()))).toMatchObject({ kind: 'incomplete', text: en.nothingToRepeat })
  })
})

describe('what can be done next', () => {
  it('goes with how a question ended', async () => {
    const codes = { long: 'CLIP_TOO_LONG', busy: 'TIMED_OUT', lost: 'CLIP_UNREACHABLE' } as const
    const answerer = new FakeAnswerer((question) => {
      const words = questionText(question)
      const found = Object.entries(codes).find(([name]) => words.includes(name))
      return found === undefined ? { say: 'Yes.' } : { fail: new AppError(found[1], 'no') }
    })
    const { bot } = openConversation(answerer)
    const actionsAfter = async (text: string, handles: string[]) =>
      (await endOf(bot.ask(message(text, handles)))).actions
    expect(await actionsAfter('nothing here', [])).toEqual([])
    expect(await actionsAfter('fine', ['/a'])).toEqual(['more-detail', 'try-again', 'forget'])
    expect(await actionsAfter('long', ['/b'])).toEqual([])
    expect(await actionsAfter('busy', ['/b'])).toEqual(['try-again'])
    expect(await actionsAfter('lost', ['/b'])).toEqual(['try-again'])
  })
})

describe('settings of a channel', () => {
  const answered = async (settings: ChannelSettings, text = 'What?', answerer = new FakeAnswerer()) => {
    const { bot } = openConversation(answerer, {
      settings: ({ channelId }) => (channelId === 'test:here' ? settings : {}),
    })
    const events: Parameters<typeof endOf>[1] = []
    const reply = await endOf(bot.ask(message(text, ['/a'])), events)
    return { reply, events, question: answerer.questions[0]!, bot }
  }

  it('give the model its system prompt, its questions and its limits', async () => {
    const { question } = await answered(
      {
        systemPrompt: 'Be brief.',
        defaultQuestion: 'What is this?',
        answerOptions: { frameCount: 4 },
        clipLimits: { maxDurationSeconds: 10 },
      },
      '',
    )
    expect(question.messages.map((_, index) => textOf(question, index))).toEqual([
      'Be brief.',
      '[clip-1] What is this?',
    ])
    expect(question).toMatchObject({ options: { frameCount: 4 }, clipLimits: { maxDurationSeconds: 10 } })
    expect(question).not.toHaveProperty('storyboardOf')
  })

  it('hold for that channel and no other', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer, {
      settings: ({ channelId }) => (channelId === 'test:here' ? { systemPrompt: 'Be brief.' } : {}),
    })
    await endOf(bot.ask(message('What?', ['/a'], { threadId: 'test:x', channelId: 'test:there' })))
    expect(answerer.questions[0]!.messages).toHaveLength(1)
  })

  it('set the language before the platform does, for sentences and for progress', async () => {
    const { reply, events } = await answered({ locale: 'zh' }, 'What?', new FakeAnswerer(() => ({ say: '' })))
    expect(reply.text).toBe(zh.noAnswer)
    expect(events?.[0]).toMatchObject({ type: 'progress', text: '正在看画面 1/2' })
  })

  it('have a strip of the frames drawn of the clips that were asked about, told in words too', async () => {
    const answerer = new FakeAnswerer()
    const png = new Uint8Array([1, 2, 3])
    const frames = [
      { clipId: 'clip-1', timeSeconds: 0 },
      { clipId: 'clip-1', timeSeconds: 67.9 },
    ]
    answerer.answer = async function* (question) {
      answerer.questions.push(question)
      yield {
        type: 'end',
        report: { ...reportOf('Yes.'), storyboard: { png, widthPixels: 9, heightPixels: 9, frames } },
      }
    }
    const { reply, question, bot } = await answered({ storyboard: true, locale: 'es' }, 'What?', answerer)
    expect(question.storyboardOf).toEqual(['clip-1'])
    expect(reply.storyboard).toMatchObject({ png, description: es.storyboard(['0:00', '1:07']) })
    await endOf(bot.ask(message('And this one?', ['/b'])))
    expect(answerer.questions[1]!.storyboardOf).toEqual(['clip-2'])
  })

  it('bound what a person may ask, and say how long to wait', async () => {
    let nowMs = 0
    const limits = { perUser: { questions: 1, seconds: 30 } }
    const { bot } = openConversation(new FakeAnswerer(), { settings: () => ({ limits }), now: () => nowMs })
    await endOf(bot.ask(message('one', ['/a'])))
    nowMs = 10_000
    expect(await endOf(bot.ask(message('two')))).toMatchObject({
      kind: 'refusal',
      code: 'RATE_LIMITED',
      text: en.rateLimited('user', 20),
      actions: ['try-again'],
    })
    expect((await endOf(bot.ask(message('two', ['/a'], { threadId: 'test:x', userId: 'test:bob' })))).kind).toBe(
      'answer',
    )
    // Asked again after a crash, as what was let in before it.
    expect((await endOf(bot.ask(message('late', [], { isLate: true })))).kind).toBe('answer')
    nowMs = 30_000
    expect((await endOf(bot.tryAgain(request()))).text).toContain('late')
  })

  it('that cannot be looked up leave the defaults', async () => {
    const log: string[] = []
    const { bot } = openConversation(
      new FakeAnswerer(),
      {
        settings: () => {
          throw new Error('broken')
        },
      },
      log,
    )
    expect((await endOf(bot.ask(message('one', ['/a'])))).kind).toBe('answer')
    expect(log.join('')).toContain('broken')
  })
})

describe('the queue of all threads', () => {
  it('says so at once when it is full', async () => {
    const answerer = new FakeAnswerer(() => ({ say: 'Wait for it', wait: true }))
    const { bot } = openConversation(answerer, { queue: { maxWaiting: 1 } })
    const stop = new AbortController()
    const place = (name: string) => ({ threadId: `test:${name}`, userId: `test:${name}` })
    const first = endOf(bot.ask(message('one', ['/a'], place('a')), stop.signal))
    const second = endOf(bot.ask(message('two', ['/a'], place('b')), stop.signal))
    expect(await endOf(bot.ask(message('three', ['/a'], place('c'))))).toMatchObject({
      kind: 'refusal',
      code: 'QUEUE_FULL',
      text: en.errors.QUEUE_FULL,
    })
    stop.abort()
    expect((await first).kind).toBe('cancelled')
    expect((await second).kind).toBe('cancelled')
  })

  it('tells a place in words, in the language of each', async () => {
    const { bot } = openConversation(new FakeAnswerer())
    const seen: Parameters<typeof endOf>[1] = []
    await Promise.all([
      endOf(bot.ask(message('one', ['/a'], { threadId: 'test:a' }))),
      endOf(bot.ask(message('dos', ['/a'], { threadId: 'test:b', locale: 'es-MX' })), seen),
    ])
    expect(seen?.[0]).toEqual({ type: 'waiting', ahead: 1, text: es.waiting(1) })
  })

  it('is not held up by a platform that reads slowly', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    const slow = bot.ask(message('slow', ['/a'], { threadId: 'test:slow' }))[Symbol.asyncIterator]()
    await slow.next()
    expect((await endOf(bot.ask(message('quick', ['/a'], { threadId: 'test:quick' })))).kind).toBe('answer')
    expect((await endOf({ [Symbol.asyncIterator]: () => slow })).kind).toBe('answer')
  })
})

describe('when what is stored cannot be had', () => {
  const broken: ThreadStore = {
    load: async () => {
      throw new AppError('STORAGE_FAILED', 'the disk is gone')
    },
    save: async () => {},
    delete: async () => {
      throw new AppError('STORAGE_FAILED', 'the disk is gone')
    },
  }

  it('nothing throws: every operation ends in a sentence', async () => {
    const { bot } = openConversation(new FakeAnswerer(), { store: broken })
    const { STORAGE_FAILED } = en.errors
    expect(await endOf(bot.ask(message('one', ['/a'])))).toMatchObject({ kind: 'refusal', text: STORAGE_FAILED })
    expect(await bot.reset(request())).toBe(STORAGE_FAILED)
    expect(await bot.forget(request())).toBe(STORAGE_FAILED)
    expect(await bot.isKnown('test:one')).toBe(false)
  })
})
