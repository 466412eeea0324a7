// A bot and engines in one process, with a real Redis between them.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EngineMember } from '../../../src/cluster/engine-member.ts'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { RemoteAnswerer } from '../../../src/cluster/remote-answerer.ts'
import { Sealer } from '../../../src/cluster/sealed-text.ts'
import type { AnswerEvent, Answerer, Question } from '../../../src/conversation/answerer.ts'
import type { ClipLocator } from '../../../src/conversation/clip.ts'
import { AppError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logger.ts'
import { ScriptedAnswerer } from '../../cluster/scripted-answerer.ts'
import { FakeAnswerer, questionText, reportOf } from '../../helpers/fake-answerer.ts'
import { RedisServer } from '../../helpers/redis-server.ts'

const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
const sealer = new Sealer('a long random text that all of them share')
const CLIP = { id: 'clip-1', platform: 'stage', handle: '1/2/3' }
const TOKEN = 'xoxb-a-token'
let server: RedisServer
let redis: RedisConnection
let bot: RemoteAnswerer
const engines: EngineMember[] = []

const locateClip: ClipLocator = async ({ platform, handle }) => {
  if (platform !== 'stage' || handle !== CLIP.handle) throw new AppError('CLIP_MISSING', `${platform} has no ${handle}`)
  const headers = { authorization: `Bearer ${TOKEN}` }
  return { kind: 'address', url: 'https://files.example.com/clip.mp4', headers, allowedHosts: ['*.example.com'] }
}

/** An engine that takes questions. */
async function engine(answerer: Answerer | ((member: EngineMember) => Answerer), capacity = 4): Promise<EngineMember> {
  const member = new EngineMember({ redis, keys, sealer, logger })
  engines.push(member)
  const facts = { version: '1', model: 'm', modelHash: 'h', capacity }
  await member.join(typeof answerer === 'function' ? answerer(member) : answerer, facts)
  return member
}

function question(text: string, changes: Partial<Question> = {}): Question {
  const content = [
    { type: 'clip' as const, clip: CLIP },
    { type: 'text' as const, text },
  ]
  return { threadId: 'stage:t', userId: 'stage:ann', messages: [{ role: 'user', content }], options: {}, ...changes }
}

async function eventsOf(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
  bot = await RemoteAnswerer.join({ redis, keys, locateClip, sealer, logger, maxWaiting: 100, maxOpenPerUser: 3 })
})
afterEach(() => Promise.all(engines.splice(0).map((member) => member.leave(0))))
afterAll(async () => {
  await bot?.close()
  await redis?.close()
  await server?.stop()
})

describe('a question to an engine elsewhere', () => {
  it('brings progress, words, times and the picture of its frames', async () => {
    const png = Uint8Array.from([137, 80, 78, 71, 0, 255])
    const frames = [{ clipId: 'clip-1', timeSeconds: 0.5 }]
    const report = { ...reportOf('A ball.'), storyboard: { png, widthPixels: 3, heightPixels: 2, frames } }
    const answerer: Answerer = {
      async *answer() {
        yield { type: 'progress', stage: 'looking', done: 1, total: 2 }
        for (const text of ['A ', 'ball.']) yield { type: 'delta', text }
        yield { type: 'end', report }
      },
      forget: async () => {},
      close: async () => {},
    }
    await engine(answerer)
    const events = await eventsOf(bot.answer(question('What?')))
    expect(events[0]).toEqual({ type: 'progress', stage: 'looking', done: 1, total: 2 })
    expect(events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('')).toBe('A ball.')
    const end = events.at(-1)
    expect(end).toMatchObject({ type: 'end', report: { answer: 'A ball.', timingsMs: { total: 50 }, frames } })
    const { storyboard, timingsMs } = (end as Extract<AnswerEvent, { type: 'end' }>).report
    expect([...(storyboard?.png ?? [])]).toEqual([...png])
    expect(timingsMs.queue, 'how long it waited').toBeGreaterThanOrEqual(0)
  })

  it('fails as the engine does', async () => {
    await engine(new FakeAnswerer(() => ({ fail: new AppError('CLIP_TOO_LONG', 'too long', { details: { s: 9 } }) })))
    const failure = eventsOf(bot.answer(question('What?')))
    await expect(failure).rejects.toMatchObject({ code: 'CLIP_TOO_LONG', message: 'too long', details: { s: 9 } })
  })

  it('is tried again where the model failed', async () => {
    let tries = 0
    const answerer = new FakeAnswerer(() => {
      tries += 1
      return tries === 1
        ? { fail: new AppError('INFERENCE_FAILED', 'died', { retryable: true }) }
        : { say: 'Two tries' }
    })
    await engine(answerer)
    const events = await eventsOf(bot.answer(question('What?')))
    expect(events.at(-1)).toMatchObject({ report: { answer: 'Two tries' } })
  })

  it('has the engine ask the bot where a clip is, with the token that opens it', async () => {
    await engine((member) => ({
      async *answer({ messages }: Question): AsyncGenerator<AnswerEvent> {
        const [part] = messages[0]!.content
        const location = part?.type === 'clip' ? await member.locateClip(part.clip, new AbortController().signal) : null
        yield { type: 'end', report: reportOf(JSON.stringify(location)) }
      },
      forget: async () => {},
      close: async () => {},
    }))
    const end = (await eventsOf(bot.answer(question('Where?')))).at(-1)
    const wanted = await locateClip(CLIP, new AbortController().signal)
    expect(end).toMatchObject({ report: { answer: JSON.stringify(wanted) } })
    const other = { ...CLIP, handle: 'gone' }
    const content = [{ type: 'clip' as const, clip: other }]
    const gone = bot.answer(question('Where?', { messages: [{ role: 'user', content }] }))
    await expect(eventsOf(gone)).rejects.toMatchObject({ code: 'CLIP_MISSING', message: 'stage has no gone' })
  })

  it('that is not wanted any more stops where it runs', async () => {
    const answerer = new FakeAnswerer(() => ({ say: 'One two', wait: true }))
    await engine(answerer)
    const stop = new AbortController()
    const seen: AnswerEvent[] = []
    for await (const event of bot.answer(question('What?'), stop.signal)) {
      seen.push(event)
      if (event.type === 'delta') stop.abort()
    }
    expect(seen.at(-1)).toMatchObject({ report: { answer: 'One ', finish: 'cancelled' } })
    expect(answerer.running).toBe(0)
  })

  it('is handed to another engine when its own stops, and nobody reads a word twice', async () => {
    const first = await engine(new FakeAnswerer(() => ({ say: 'One two', wait: true })))
    const words: string[] = []
    for await (const event of bot.answer(question('What?'))) {
      if (event.type !== 'delta') continue
      words.push(event.text)
      if (words.length > 1) continue
      await engine(new FakeAnswerer(() => ({ say: 'One two' })))
      await first.leave(0)
    }
    expect(words.join('')).toBe('One two')
  })

  it('goes to the engine that holds its thread, as long as that one is free', async () => {
    await Promise.all([1, 2, 3].map(() => engine(new ScriptedAnswerer({ firstMs: 1, followUpMs: 1 }))))
    for (const threadId of ['stage:a', 'stage:b', 'stage:c', 'stage:d']) {
      const reused: number[] = []
      for (const text of ['One?', 'Two?', 'Three?']) {
        const end = (await eventsOf(bot.answer(question(text, { threadId })))).at(-1)
        reused.push(end?.type === 'end' ? end.report.reusedTokens : -1)
      }
      expect(reused, threadId).toEqual([0, 1, 1])
    }
  })

  it('waits for the engine that holds its thread while all others are busy too', async () => {
    const script = (asked: Question) => ({ say: 'One two', wait: questionText(asked).includes('long') })
    const answerers = [new FakeAnswerer(script), new FakeAnswerer(script)]
    const asked = () => answerers.map(({ questions }) => questions.map(({ threadId }) => threadId))
    await engine(answerers[0]!, 1)
    await eventsOf(bot.answer(question('first', { threadId: 'stage:held' })))
    await engine(answerers[1]!, 1)
    const stop = new AbortController()
    const long = ['stage:a', 'stage:b'].map((threadId) =>
      eventsOf(bot.answer(question('long', { threadId, userId: threadId }), stop.signal)),
    )
    await expect.poll(() => asked().flat().length).toBe(3)
    await eventsOf(bot.answer(question('second', { threadId: 'stage:held' })))
    expect(asked()[0]!.filter((threadId) => threadId === 'stage:held')).toHaveLength(2)
    stop.abort()
    await Promise.all(long)
  })

  it('waits while all are busy, is told its place, and goes before the second of somebody else', async () => {
    const begun: string[] = []
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Answerer = {
      async *answer(asked) {
        begun.push(questionText(asked))
        await released
        yield { type: 'end', report: reportOf('Done') }
      },
      forget: async () => {},
      close: async () => {},
    }
    await engine(slow, 1)
    const places: Record<string, number[]> = {}
    const ask = async (text: string, userId: string) => {
      for await (const event of bot.answer(question(text, { userId, threadId: `stage:${text}` }))) {
        if (event.type === 'waiting') places[text] = [...(places[text] ?? []), event.ahead]
      }
    }
    const answers = [ask('ann 1', 'ann')]
    await expect.poll(() => begun).toEqual(['[clip-1] ann 1'])
    answers.push(ask('ann 2', 'ann'), ask('ann 3', 'ann'))
    await expect.poll(() => redis.client.zcard(`${keys.queues}:questions:prioritized`)).toBe(2)
    answers.push(ask('bob 1', 'bob'))
    await expect(ask('ann 4', 'ann')).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true })
    const last = () => ['bob 1', 'ann 2', 'ann 3'].map((text) => places[text]?.at(-1))
    // The place is looked up once a second.
    await expect.poll(last, { timeout: 20_000 }).toEqual([1, 2, 3])
    release()
    await Promise.all(answers)
    expect(begun.map((text) => text.slice(-5))).toEqual(['ann 1', 'bob 1', 'ann 2', 'ann 3'])
  })

  it('forgets a thread on every engine', async () => {
    const answerers = [new FakeAnswerer(), new FakeAnswerer()]
    await Promise.all(answerers.map((answerer) => engine(answerer)))
    await bot.forget('stage:t')
    await expect.poll(() => answerers.map(({ forgotten }) => forgotten)).toEqual([['stage:t'], ['stage:t']])
  })
})
