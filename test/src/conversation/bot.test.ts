import { describe, expect, it } from 'vitest'
import { Bot } from '../../../src/conversation/bot.ts'
import type { IncomingMessage, Reply, ReplyEvent } from '../../../src/conversation/message.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { AppError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logger.ts'
import { FakeAnswerer, overflowAbove, questionText, textOf } from '../../helpers/fake-answerer.ts'
import { message, request } from '../../helpers/messages.ts'

function conversation(answerer: FakeAnswerer, log: string[] = []) {
  const logger = createLogger('trace', { write: (line) => log.push(line) })
  const store = new MemoryThreadStore()
  const bot = new Bot({ answerer, store, logger })
  const events: ReplyEvent[] = []
  const ask = async (asked: IncomingMessage, signal?: AbortSignal): Promise<Reply> => {
    for await (const event of bot.ask(asked, signal)) {
      events.push(event)
      if (event.type === 'end') return event.reply
    }
    throw new Error('the reply had no end')
  }
  return { bot, ask, events, store }
}

describe('a conversation', () => {
  it('answers a question about a clip and streams the answer word by word', async () => {
    const answerer = new FakeAnswerer(() => ({ say: 'A red ball.' }))
    const { ask, events } = conversation(answerer)
    const reply = await ask(message('What is it?', ['/clips/ball.mp4']))
    expect(reply).toMatchObject({ kind: 'answer', text: 'A red ball.', notices: [] })
    const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []))
    expect(deltas).toEqual(['A ', 'red ', 'ball.'])
    expect(events.map((event) => event.type)).toEqual(['progress', 'delta', 'delta', 'delta', 'end'])
  })

  it('takes a follow-up that names no clip as one about the last clip', async () => {
    const answerer = new FakeAnswerer(() => ({ say: 'Yes.' }))
    const { ask } = conversation(answerer)
    await ask(message('What is it?', ['/clips/ball.mp4']))
    await ask(message('And now?', ['/clips/dog.mp4']))
    await ask(message('Does it move?'))
    const last = answerer.questions[2]!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual([
      '[clip-1] What is it?',
      'Yes.',
      '[clip-2] And now?',
      'Yes.',
      'Does it move?',
    ])
  })

  it('asks for a clip when there is none, and never runs the model as if it had seen one', async () => {
    const answerer = new FakeAnswerer()
    const { ask } = conversation(answerer)
    expect(await ask(message('What happens in the clip?'))).toMatchObject({
      kind: 'incomplete',
      text: en.clipWanted,
      notices: [],
      actions: [],
    })
    expect(answerer.questions).toEqual([])
  })

  it('asks what to say of the clip when a message is empty', async () => {
    const answerer = new FakeAnswerer()
    const { ask } = conversation(answerer)
    await ask(message('What is it?', ['/clips/ball.mp4']))
    expect((await ask(message('  '))).text).toBe(en.questionWanted)
    expect(answerer.questions).toHaveLength(1)
  })

  it('describes a clip that comes without words', async () => {
    const answerer = new FakeAnswerer()
    const { ask } = conversation(answerer)
    await ask(message('', ['/clips/ball.mp4']))
    expect(questionText(answerer.questions[0]!)).toBe('[clip-1] Describe this clip.')
  })

  it('keeps threads apart, also when they are asked at once', async () => {
    const answerer = new FakeAnswerer()
    const { ask } = conversation(answerer)
    await Promise.all([
      ask(message('first of a', ['/a.mp4'], { threadId: 'test:a' })),
      ask(message('first of b', ['/b.mp4'], { threadId: 'test:b' })),
      ask(message('second of a', [], { threadId: 'test:a' })),
      ask(message('second of b', [], { threadId: 'test:b' })),
    ])
    for (const question of answerer.questions) {
      const other = question.threadId === 'test:a' ? 'of b' : 'of a'
      expect(JSON.stringify(question.messages)).not.toContain(other)
    }
    expect(answerer.mostRunning).toBe(1)
  })

  it('answers one question at a time in a thread, in the order they came, and says how many come first', async () => {
    const answerer = new FakeAnswerer()
    const { ask, events } = conversation(answerer)
    await Promise.all([ask(message('one', ['/a.mp4'])), ask(message('two')), ask(message('three'))])
    expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'two', 'three'])
    expect(answerer.mostRunning).toBe(1)
    expect(events.flatMap((event) => (event.type === 'waiting' ? [event.ahead] : []))).toEqual([1, 2, 1])
  })
})

describe('when something is wrong', () => {
  it('leaves the thread as it was before a question that failed', async () => {
    const bad = new AppError('CLIP_UNREADABLE', 'Clip /secret/place/x.mp4 is cut short.')
    const answerer = new FakeAnswerer((question) => {
      return questionText(question).includes('bad') ? { fail: bad } : { say: 'Fine.' }
    })
    const { ask, store } = conversation(answerer)
    await ask(message('What is it?', ['/clips/ball.mp4']))
    const before = await store.load('test:one')
    const refused = await ask(message('bad', ['/clips/broken.mp4']))
    expect(refused).toMatchObject({
      kind: 'refusal',
      code: 'CLIP_UNREADABLE',
      text: en.errors.CLIP_UNREADABLE,
      notices: [],
      actions: [],
    })
    expect(await store.load('test:one')).toEqual(before)
    expect(await ask(message('Still there?'))).toMatchObject({ kind: 'answer', text: 'Fine.' })
    expect(textOf(answerer.questions[2]!, 0)).toBe('[clip-1] What is it?')
  })

  it('turns a fault of its own into the sentence for a failed answer', async () => {
    const { ask } = conversation(new FakeAnswerer(() => ({ fail: new TypeError('undefined is not a function') })))
    expect(await ask(message('What?', ['/a.mp4']))).toMatchObject({ kind: 'refusal', code: 'INFERENCE_FAILED' })
  })

  it('drops the oldest turns of a conversation that became too long, keeps the clip, and says so', async () => {
    const answerer = new FakeAnswerer(overflowAbove(3))
    const { ask } = conversation(answerer)
    await ask(message('one', ['/a.mp4']))
    await ask(message('two'))
    const reply = await ask(message('three'))
    expect(reply).toMatchObject({ kind: 'answer', notices: [en.turnsDropped(1)] })
    const last = answerer.questions.at(-1)!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual(['[clip-1] two', 'Answer 3', 'three'])
    expect((await ask(message('four'))).notices).toEqual([en.turnsDropped(1)])
  })

  it('refuses a question that does not fit even alone', async () => {
    const { ask, store } = conversation(new FakeAnswerer(overflowAbove(0)))
    expect(await ask(message('one', ['/a.mp4']))).toMatchObject({ kind: 'refusal', code: 'CONTEXT_OVERFLOW' })
    expect(await store.load('test:one')).toBeNull()
  })

  it('does not keep an answer without words, but the clip that was looked at', async () => {
    const answerer = new FakeAnswerer(() => ({ say: '' }))
    const { ask, store } = conversation(answerer)
    expect(await ask(message('one', ['/a.mp4']))).toMatchObject({ kind: 'answer', text: en.noAnswer })
    expect(await store.load('test:one')).toMatchObject({ turns: [], clips: [{ handle: '/a.mp4' }] })
    await ask(message('two'))
    expect(questionText(answerer.questions[1]!)).toBe('[clip-1] two')
  })

  it('logs no word of the question and none of the answer', async () => {
    const log: string[] = []
    const { ask } = conversation(new FakeAnswerer(() => ({ say: 'confidential answer' })), log)
    await ask(message('confidential question', ['/a.mp4']))
    expect(log).toHaveLength(1)
    expect(log.join('')).not.toContain('confidential')
    expect(JSON.parse(log[0]!)).toMatchObject({ thread: 'test:one', frames: 1, promptTokens: 3, answerTokens: 2 })
  })
})

describe('stopping', () => {
  it('ends the answer when it is stopped, keeps what was said, and answers the next question', async () => {
    const stop = new AbortController()
    const answerer = new FakeAnswerer((question) => ({
      say: 'One two three',
      wait: questionText(question).includes('long'),
    }))
    const { bot, ask } = conversation(answerer)
    let reply: Reply | undefined
    for await (const event of bot.ask(message('long', ['/a.mp4']), stop.signal)) {
      if (event.type === 'delta') stop.abort()
      if (event.type === 'end') reply = event.reply
    }
    expect(reply).toMatchObject({ kind: 'cancelled', text: 'One ' })
    expect(await ask(message('next'))).toMatchObject({ kind: 'answer' })
    expect(textOf(answerer.questions[1]!, 1)).toBe('One ')
  })

  it('lets a waiting question be stopped without running it, and keeps the order of the others', async () => {
    const stop = new AbortController()
    const answerer = new FakeAnswerer()
    const { ask } = conversation(answerer)
    const first = ask(message('one', ['/a.mp4']))
    const second = ask(message('two'), stop.signal)
    const third = ask(message('three'))
    stop.abort()
    expect((await second).kind).toBe('cancelled')
    await Promise.all([first, third])
    expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'three'])
  })

  it('stops the answer when its reader leaves', async () => {
    const answerer = new FakeAnswerer()
    const { bot, ask } = conversation(answerer)
    for await (const event of bot.ask(message('one', ['/a.mp4']))) if (event.type === 'delta') break
    expect(answerer.running).toBe(0)
    expect((await ask(message('two', ['/a.mp4']))).kind).toBe('answer')
  })
})

describe('forget', () => {
  it('forgets turns and clips of its thread only, and tells the answerer', async () => {
    const answerer = new FakeAnswerer()
    const { bot, ask } = conversation(answerer)
    await ask(message('one', ['/a.mp4']))
    await ask(message('one', ['/b.mp4'], { threadId: 'test:other' }))
    await bot.forget(request())
    expect(answerer.forgotten).toEqual(['test:one'])
    expect((await ask(message('two'))).text).toBe(en.clipWanted)
    expect((await ask(message('two', [], { threadId: 'test:other' }))).kind).toBe('answer')
  })

  it('waits for the question that was asked before', async () => {
    const { bot, ask, store } = conversation(new FakeAnswerer())
    const asked = ask(message('one', ['/a.mp4']))
    await bot.forget(request())
    expect((await asked).kind).toBe('answer')
    expect(await store.load('test:one')).toBeNull()
  })
})
