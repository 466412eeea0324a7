import { describe, expect, it } from 'vitest'
import { ClipAnswerer } from '../../../src/answering/clip-answerer.ts'
import type {
  AnswerEvent,
  AnswerOptions,
  AnswerReport,
  ConversationMessage,
  Question,
} from '../../../src/conversation/answerer.ts'
import { localClip, locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { AppError } from '../../../src/errors.ts'
import { FakeClips, FakeEngine, manifestDouble } from '../../helpers/fake-engine.ts'

const ports = {
  locateClip: locateLocalClip,
  downloadClip: async () => {
    throw new Error('nothing is to be downloaded here')
  },
}

function user(text: string, ...clips: [id: string, path: string][]): ConversationMessage {
  const parts = clips.map(([id, path]) => ({ type: 'clip', clip: { id, ...localClip(path) } }) as const)
  return { role: 'user', content: [...parts, { type: 'text', text }] }
}

function about(messages: ConversationMessage[], options: AnswerOptions = {}, threadId = 'thread'): Question {
  return { threadId, messages, options }
}

function answererOf(engine = new FakeEngine()) {
  const clips = new FakeClips({
    '/ball.mp4': { hash: 'ball' },
    '/copy.mp4': { hash: 'ball' },
    '/dog.png': { hash: 'dog', kind: 'image' },
  })
  const answerer = new ClipAnswerer({ engine, ...ports, openClip: clips.open })
  const ask = async (
    question: Question,
    signal?: AbortSignal,
  ): Promise<{ events: AnswerEvent[]; report: AnswerReport }> => {
    const events: AnswerEvent[] = []
    for await (const event of answerer.answer(question, signal)) events.push(event)
    const last = events.at(-1)
    if (last?.type !== 'end') throw new Error('no end')
    return { events, report: last.report }
  }
  return { answerer, ask, clips, engine }
}

const BALL: [string, string] = ['clip-1', '/ball.mp4']

describe('an answer', () => {
  it('tells what is going on in the order of the pipeline', async () => {
    const { ask } = answererOf()
    const { events } = await ask(about([user('What?', BALL)], { frameCount: 2 }))
    const told = events.map((event) => {
      if (event.type !== 'progress') return event.type
      return event.done === undefined ? event.stage : `${event.stage} ${event.done}/${event.total}`
    })
    expect(told).toEqual([
      'probing',
      'decoding 0/2',
      'decoding 1/2',
      'looking 1/2',
      'decoding 2/2',
      'looking 2/2',
      'reading',
      'answering',
      'delta',
      'delta',
      'end',
    ])
  })

  it('reports frames, tokens and the time of every stage', async () => {
    const { ask } = answererOf()
    const { report } = await ask(about([user('What?', BALL)], { frameCount: 2 }))
    expect(report).toMatchObject({
      answer: 'Two words',
      tokenIds: [7, 8],
      promptTokenIds: [1, 2, 3],
      frames: [
        { clipId: 'clip-1', timeSeconds: 0 },
        { clipId: 'clip-1', timeSeconds: 0.5 },
      ],
      tokensPerSecond: 100,
      model: 'double',
      finish: 'stop',
      reusedTokens: 1,
    })
    const stages = [
      'probe',
      'decode',
      'preprocess',
      'encode',
      'project',
      'pool',
      'prompt',
      'prefill',
      'generate',
      'total',
    ]
    expect(Object.keys(report.timingsMs).sort()).toEqual(stages.sort())
    expect(report.timingsMs).toMatchObject({ preprocess: 1, encode: 2, project: 3, pool: 4, prompt: 1, generate: 20 })
    expect(report).not.toHaveProperty('probe')
  })

  it('looks at as many frames as the model wants unless told otherwise', async () => {
    const { ask, engine } = answererOf()
    await ask(about([user('What?', BALL)]))
    expect(engine.encoded[0]?.times).toHaveLength(8)
  })

  it('gives the engine the kind of the clip, its words, and the key in its place', async () => {
    const { ask, engine } = answererOf()
    await ask(about([user('What?', ['clip-1', '/dog.png'])]))
    expect(engine.encoded[0]?.kind).toBe('image')
    const [message] = engine.generated[0]!.messages
    expect(message?.content).toEqual([
      { type: 'clip', key: engine.encoded[0]?.key },
      { type: 'text', text: 'What?' },
    ])
  })

  it('makes only frames of videos beyond 4K smaller, since models were trained on frames as they are', async () => {
    const { ask, clips } = answererOf()
    await ask(about([user('What?', BALL, ['clip-2', '/dog.png'])]))
    expect(clips.shortSides).toEqual([2160, undefined])
  })

  it('leaves room in a small context when no longest answer is asked for', async () => {
    const small = answererOf(new FakeEngine(manifestDouble({ context: 400 })))
    await small.ask(about([user('What?', BALL)]))
    await small.ask(about([user('What?', BALL)], { maxTokens: 300 }))
    const large = answererOf()
    await large.ask(about([user('What?', BALL)]))
    expect(small.engine.generated.map(({ maxTokens }) => maxTokens)).toEqual([100, 300])
    expect(large.engine.generated[0]?.maxTokens).toBe(256)
  })
})

describe('a clip that was looked at before', () => {
  it('is neither opened nor decoded again in a follow-up, and its frames are reported all the same', async () => {
    const { ask, clips, engine } = answererOf()
    const first = await ask(about([user('What?', BALL)]))
    const second = await ask(
      about([user('What?', BALL), { role: 'assistant', content: [{ type: 'text', text: 'A ball.' }] }, user('Red?')]),
    )
    expect(clips.opened).toEqual(['/ball.mp4'])
    expect(engine.encoded).toHaveLength(1)
    expect(second.report.frames).toEqual(first.report.frames)
    expect(second.report.timingsMs).not.toHaveProperty('decode')
  })

  it('is known by its content, so a copy in another thread is not decoded', async () => {
    const { ask, clips, engine } = answererOf()
    await ask(about([user('What?', BALL)]))
    const { report } = await ask(about([user('What?', ['clip-1', '/copy.mp4'])], {}, 'other'))
    expect(clips.opened).toEqual(['/ball.mp4', '/copy.mp4'])
    expect(engine.encoded).toHaveLength(1)
    expect(report.frames).toHaveLength(8)
  })

  it('is looked at again with another number of frames', async () => {
    const { ask, engine } = answererOf()
    await ask(about([user('What?', BALL)], { frameCount: 2 }))
    await ask(about([user('What?', BALL)], { frameCount: 3 }))
    expect(engine.encoded.map(({ times }) => times.length)).toEqual([2, 3])
  })

  it('is looked at again when the engine no longer keeps it', async () => {
    const { ask, engine } = answererOf()
    await ask(about([user('What?', BALL)]))
    engine.kept.clear()
    await ask(about([user('What?', BALL)]))
    expect(engine.encoded).toHaveLength(2)
  })

  it('is looked at again for a probe, which needs its pixel values', async () => {
    const { ask, engine } = answererOf()
    await ask(about([user('What?', BALL)]))
    const { report } = await ask(about([user('What?', BALL)], { probe: true }))
    expect(engine.encoded.map(({ keepPixelValues }) => keepPixelValues)).toEqual([false, true])
    expect(report.probe).toEqual({ pixelValues: [1], visualFeatures: [2], firstStepLogits: [3] })
  })

  it('is opened again after its thread was forgotten', async () => {
    const { answerer, ask, clips, engine } = answererOf()
    await ask(about([user('What?', BALL)]))
    await answerer.forget('thread')
    expect(engine.forgotten).toEqual(['thread'])
    await ask(about([user('What?', BALL)]))
    expect(clips.opened).toHaveLength(2)
  })
})

describe('several clips', () => {
  it('are each looked at once, in order', async () => {
    const { ask, engine } = answererOf()
    const messages = [user('Which is larger?', BALL, ['clip-2', '/dog.png'])]
    const { report } = await ask(about(messages, { frameCount: 1 }))
    expect(engine.encoded.map(({ kind }) => kind)).toEqual(['video', 'image'])
    expect(report.frames.map(({ clipId }) => clipId)).toEqual(['clip-1', 'clip-2'])
  })
})

describe('a question that cannot be answered', () => {
  const refused: [string, Question, object][] = [
    [
      'too long, with how long and how long it may be',
      about([user('a'.repeat(1_000_000), BALL)]),
      { code: 'QUESTION_TOO_LONG', details: { characters: 1_000_000, maxCharacters: 8000 } },
    ],
    ['not a question', about([{ role: 'assistant', content: [] }]), { code: 'QUESTION_INVALID' }],
    ['of no message at all', about([]), { code: 'QUESTION_INVALID' }],
    [
      'with wrong options',
      about([user('What?', BALL)], { temperature: 3, topP: 0, seed: 1.5 }),
      { details: { problems: 3 } },
    ],
  ]
  it.each(refused)('is refused before anything runs when it is %s', async (_, question, error) => {
    const { ask, clips, engine } = answererOf()
    await expect(ask(question)).rejects.toMatchObject(error)
    expect(clips.opened).toEqual([])
    expect(engine.generated).toEqual([])
  })

  it('names every wrong option with its value and its range', async () => {
    const { ask } = answererOf()
    await expect(ask(about([user('What?', BALL)], { temperature: 3, topP: 0 }))).rejects.toThrow(
      'temperature is 3; allowed are numbers from 0 to 2. topP is 0; allowed are numbers above 0 to 1.',
    )
  })

  it('is refused for more frames than the model takes, without decoding', async () => {
    const { ask, clips } = answererOf()
    await expect(ask(about([user('What?', BALL)], { frameCount: 17 }))).rejects.toMatchObject({
      code: 'QUESTION_INVALID',
      details: { frameCount: 17, maxFrames: 16 },
    })
    expect([clips.decodedFrames, clips.closed]).toEqual([0, 1])
  })

  it('is refused for a bad clip without waiting for the model', async () => {
    const clips = new FakeClips({})
    const answerer = new ClipAnswerer({
      engine: new Promise(() => {}),
      ...ports,
      openClip: clips.open,
    })
    await expect(answerer.answer(about([user('What?', BALL)])).next()).resolves.toMatchObject({
      value: { stage: 'probing' },
    })
    const asked = answerer.answer(about([user('What?', BALL)]))
    await asked.next()
    await expect(asked.next()).rejects.toMatchObject({ code: 'CLIP_MISSING' })
  })

  it('gets what is wrong with the model, and closing goes well', async () => {
    const broken = new AppError('PACKAGE_CORRUPT', 'broken')
    const clips = new FakeClips({ '/ball.mp4': { hash: 'ball' } })
    const answerer = new ClipAnswerer({
      engine: Promise.reject(broken),
      ...ports,
      openClip: clips.open,
    })
    const asked = answerer.answer(about([user('What?', BALL)]))
    await asked.next()
    await expect(asked.next()).rejects.toBe(broken)
    await expect(answerer.ready()).rejects.toBe(broken)
    expect(clips.closed).toBe(1)
    await answerer.close()
  })
})

describe('stopping', () => {
  it('throws the reason and opens nothing when it was stopped before', async () => {
    const { ask, clips } = answererOf()
    const reason = new Error('enough')
    await expect(ask(about([user('What?', BALL)]), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(clips.opened).toEqual([])
  })

  it('stops between frames and closes the clip', async () => {
    const { answerer, clips, engine } = answererOf()
    const stop = new AbortController()
    const reason = new Error('enough')
    const ask = async () => {
      for await (const event of answerer.answer(about([user('What?', BALL)]), stop.signal)) {
        if (event.type === 'progress' && event.stage === 'probing') stop.abort(reason)
      }
    }
    await expect(ask()).rejects.toBe(reason)
    expect(clips.closed).toBe(1)
    expect(engine.encoded).toEqual([])
  })

  it('closes the clip when the reader leaves', async () => {
    const { answerer, clips } = answererOf()
    for await (const event of answerer.answer(about([user('What?', BALL)]))) {
      if (event.type === 'progress' && event.stage === 'decoding') break
    }
    expect(clips.closed).toBe(1)
  })

  it('refuses questions after it was closed, and closes the engine once', async () => {
    const { answerer, ask, engine } = answererOf()
    await Promise.all([answerer.close(), answerer.close()])
    expect(engine.closedTimes).toBe(1)
    await expect(ask(about([user('What?', BALL)]))).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  })
})

describe('a score', () => {
  it('says how likely beginnings of an answer are, of a clip that was looked at as for an answer', async () => {
    const { answerer, engine } = answererOf()
    const { scores, model } = await answerer.score(about([user('Is there a ball?', BALL)]), ['Yes', 'No'])
    expect(scores.map(({ text }) => text)).toEqual(['Yes', 'No'])
    expect(model).toBe(engine.manifest.name)
    expect(engine.encoded).toHaveLength(1)
    await answerer.close()
    await expect(answerer.score(about([user('Again?', BALL)]), ['Yes'])).rejects.toMatchObject({
      code: 'ENGINE_CLOSED',
    })
  })
})
