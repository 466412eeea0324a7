import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine, EngineEvent, EngineMessage, GenerateRequest } from '../../../src/engine/engine-api.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { Valley } from '../../../src/valley/valley.ts'
import type { Frame } from '../../../src/video/frame.ts'
import { patternFrame } from '../../helpers/open-tiny-model.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

type EndEvent = Extract<EngineEvent, { type: 'end' }>

const sampling = { maxTokens: 24, temperature: 0, topP: 1, seed: 0, probe: false }
const words = (text: string): EngineMessage => ({ role: 'user', content: [{ type: 'text', text }] })
const aboutClip = (key: string): EngineMessage => ({
  role: 'user',
  content: [
    { type: 'clip', key },
    { type: 'text', text: 'the fox' },
  ],
})

async function* framesOf(...frames: Frame[]): AsyncGenerator<Frame> {
  yield* frames
}

const threeFrames = () => [patternFrame(0), patternFrame(1), patternFrame(2)]

async function finish(engine: Engine, request: Partial<GenerateRequest>): Promise<EndEvent> {
  let end: EngineEvent | null = null
  let shown = ''
  for await (const event of engine.generate({
    threadId: 'thread',
    messages: [words('the fox')],
    ...sampling,
    ...request,
  })) {
    if (event.type === 'delta') shown += event.text
    end = event
  }
  if (end?.type !== 'end') throw new Error('an answer ends with an end event')
  expect(shown).toBe(end.answer)
  return end
}

let packageDirectory: string
let engine: Engine

beforeAll(async () => {
  packageDirectory = await buildTinyPackage('importance')
  engine = await openEngine({ packageDirectory, threads: 1 })
})
afterAll(() => engine.close())

describe('score', () => {
  const asked = { threadId: 'score', messages: [words('the fox')] }

  it('gives the probabilities that an answer is drawn from', async () => {
    const { probe } = await finish(engine, { messages: asked.messages, probe: true })
    const logits = probe!.firstStepLogits
    const largest = Math.max(...logits)
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)
    const scores = await engine.score({ ...asked, continuations: ['a', 'b'] })
    expect(scores.map(({ text }) => text)).toEqual(['a', 'b'])
    for (const { tokenIds, logProbability } of scores) {
      expect(tokenIds).toHaveLength(1)
      expect(logProbability).toBeCloseTo(logits[tokenIds[0]!]! - largest - Math.log(total), 5)
    }
  })

  it('gives an upper bound of what is less likely than is asked for', async () => {
    const [whole] = await engine.score({ ...asked, continuations: ['the fox'] })
    // Nothing is likelier than certain, so no answer is followed beyond its first token.
    const [bound] = await engine.score({ ...asked, continuations: ['the fox'], leastLogProbability: 0 })
    expect(bound!.tokenIds).toEqual(whole!.tokenIds)
    expect(whole!.tokenIds.length).toBeGreaterThan(1)
    const { probe } = await finish(engine, { messages: asked.messages, probe: true })
    const logits = probe!.firstStepLogits
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
    expect(bound!.logProbability).toBeCloseTo(logits[whole!.tokenIds[0]!]! - Math.log(total), 4)
    expect(bound!.logProbability).toBeGreaterThan(whole!.logProbability)
  })

  it('changes nothing about what is answered next', async () => {
    const before = await finish(engine, { threadId: 'unscored' })
    await engine.score({ ...asked, continuations: ['the fox', 'a'] })
    const after = await finish(engine, { threadId: 'score' })
    expect(after.tokenIds).toEqual(before.tokenIds)
    expect(after.reusedTokens).toBe(after.promptTokenIds.length - 1)
  })

  it('is about a clip, as long as its visual tokens are kept', async () => {
    await engine.encodeClip({ key: 'scored', kind: 'video', frames: framesOf(...threeFrames()) })
    const about = { threadId: 'score', messages: [aboutClip('scored')], continuations: ['a'] }
    const [seen] = await engine.score(about)
    const [blind] = await engine.score({ ...asked, continuations: ['a'] })
    expect(seen!.logProbability).not.toBeCloseTo(blind!.logProbability, 5)
    engine.dropClip('scored')
    expect(engine.hasClip('scored')).toBe(false)
    await expect(engine.score(about)).rejects.toMatchObject({ code: 'QUESTION_INVALID' })
  })

  it('ends with the reason when it was aborted', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(engine.score({ ...asked, continuations: ['a'], signal })).rejects.toBe(reason)
  })
})

describe('encodeClip', () => {
  it('reports each frame, the frames’ times and the visual tokens, and keeps them', async () => {
    expect(engine.hasClip('report')).toBe(false)
    const done: number[] = []
    const frames = framesOf(...threeFrames())
    const clip = await engine.encodeClip({ key: 'report', kind: 'video', frames, onFrame: (count) => done.push(count) })
    expect(clip).toMatchObject({ key: 'report', frameTimesSeconds: [0, 1, 2] })
    expect(clip.visualTokens).toBe(engine.manifest.vision.patches + 3)
    expect(Object.keys(clip.timingsMs).sort()).toEqual(['encode', 'pool', 'preprocess', 'project'])
    expect(done).toEqual([1, 2, 3])
    expect(engine.hasClip('report')).toBe(true)
  })

  it('does not look at a kept clip again', async () => {
    await engine.encodeClip({ key: 'kept', kind: 'video', frames: framesOf(patternFrame(5)) })
    const frames = (async function* (): AsyncGenerator<Frame> {
      yield await Promise.reject(new Error('a kept clip is not read'))
    })()
    expect(await engine.encodeClip({ key: 'kept', kind: 'video', frames })).toMatchObject({ frameTimesSeconds: [5] })
  })

  it('moves the frames to the worker without a copy, but never the memory around them', async () => {
    const whole = patternFrame(0)
    const around = new Uint8Array(whole.rgb.length + 10)
    const part = { ...whole, rgb: around.subarray(10) }
    await engine.encodeClip({ key: 'moved', kind: 'video', frames: framesOf(whole, part) })
    expect(whole.rgb.byteLength).toBe(0)
    expect(around.byteLength).toBe(whole.widthPixels * whole.heightPixels * 3 + 10)
  })

  it('asks for frames no faster than they are looked at', async () => {
    let asked = 0
    let done = 0
    const waiting: number[] = []
    const frames = (async function* (): AsyncGenerator<Frame> {
      for (let number = 0; number < 12; number++) {
        asked++
        waiting.push(asked - done)
        yield patternFrame(number)
      }
    })()
    await engine.encodeClip({ key: 'slow', kind: 'video', frames, onFrame: (count) => (done = count) })
    expect(Math.max(...waiting)).toBeLessThanOrEqual(3)
  })

  it('refuses no frame, too many frames and a frame that is broken, each with its code', async () => {
    const encode = (...frames: Frame[]) => engine.encodeClip({ key: 'bad', kind: 'video', frames: framesOf(...frames) })
    await expect(encode()).rejects.toMatchObject({ code: 'CLIP_UNREADABLE' })
    const { maxFrames } = engine.manifest
    const many = Array.from({ length: maxFrames + 1 }, (_, number) => patternFrame(number, 8, 8))
    await expect(encode(...many)).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' })
    await expect(encode({ ...patternFrame(0), widthPixels: 41 })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    expect(engine.hasClip('bad')).toBe(false)
  })

  it('passes on what the frames throw', async () => {
    const failure = new Error('the decoder failed')
    const frames = (async function* (): AsyncGenerator<Frame> {
      yield patternFrame(0)
      throw failure
    })()
    await expect(engine.encodeClip({ key: 'bad', kind: 'video', frames })).rejects.toBe(failure)
  })

  it('ends the frames when cancelled', async () => {
    const cancel = new AbortController()
    let ended = false
    const frames = (async function* (): AsyncGenerator<Frame> {
      try {
        for (let number = 0; ; number++) yield patternFrame(number)
      } finally {
        ended = true
      }
    })()
    const reason = new Error('no more')
    const onFrame = () => cancel.abort(reason)
    const encode = engine.encodeClip({ key: 'bad', kind: 'video', frames, onFrame, signal: cancel.signal })
    await expect(encode).rejects.toBe(reason)
    expect(ended).toBe(true)
  })
})

describe('generate', () => {
  it('gives in the worker what the model gives on this thread', async () => {
    await engine.encodeClip({ key: 'same', kind: 'video', frames: framesOf(...threeFrames()) })
    const there = await finish(engine, { messages: [aboutClip('same')] })
    const valley = await Valley.open(await openPackage(packageDirectory), { intraOpThreads: 1 })
    const clip = await valley.encodeClip('same', threeFrames(), { kind: 'video' })
    const text = { type: 'text', text: 'the fox' } as const
    const messages = [{ role: 'user', content: [{ type: 'clip', clip }, text] }] as const
    let here: number[] = []
    for await (const event of valley.answer({ ...sampling, messages }, valley.startConversation())) {
      if (event.type === 'end') here = [...event.tokenIds]
    }
    expect(there.tokenIds).toEqual(here)
    await valley.dispose()
  })

  it('keeps a thread’s cache until it is forgotten', async () => {
    const messages = [words('my own question')]
    const first = await finish(engine, { threadId: 'kept', messages })
    const whole = first.promptTokenIds.length - 1
    expect(first.reusedTokens).toBeLessThan(whole)
    expect((await finish(engine, { threadId: 'kept', messages })).reusedTokens).toBe(whole)
    await engine.forget('kept')
    expect((await finish(engine, { threadId: 'kept', messages })).reusedTokens).toBe(first.reusedTokens)
  })

  it('reads what another thread asked about the same clip only once, and answers the same', async () => {
    await engine.encodeClip({ key: 'popular', kind: 'video', frames: framesOf(...threeFrames()) })
    const messages = [aboutClip('popular')]
    const first = await finish(engine, { threadId: 'one', messages })
    const other = await finish(engine, { threadId: 'another', messages })
    expect(first.reusedTokens + engine.manifest.vision.patches).toBeLessThan(other.reusedTokens)
    expect(other.reusedTokens).toBe(first.promptTokenIds.length - 1)
    expect(other.tokenIds).toEqual(first.tokenIds)
  })

  it('brings a thread back from the disk that memory had no room for', async () => {
    const parkingFolder = await mkdtemp(join(tmpdir(), 'valley-parking-'))
    const small = await openEngine({ packageDirectory, threads: 1, maxConversations: 1, parkingFolder })
    const messages = [words('a long story of foxes')]
    const first = await finish(small, { threadId: 'parked', messages })
    await finish(small, { threadId: 'next', messages: [words('hello')] })
    const again = await finish(small, { threadId: 'parked', messages })
    expect(again.reusedTokens).toBe(first.promptTokenIds.length - 1)
    expect(again.tokenIds).toEqual(first.tokenIds)
    await small.close()
    await rm(parkingFolder, { recursive: true })
  })

  it('gives the memory of conversations back when nothing was asked for a while', async () => {
    const resting = await openEngine({ packageDirectory, threads: 1, idleMs: 1 })
    const messages = [words('a long story of foxes')]
    const first = await finish(resting, { messages })
    await vi.waitFor(
      async () => {
        // Without a disk to go to, a conversation that has left memory is read anew.
        const again = await finish(resting, { messages })
        expect(again).toMatchObject({ tokenIds: first.tokenIds, reusedTokens: 0 })
      },
      { timeout: 30_000, interval: 50 },
    )
    await resting.close()
  })

  it('goes on for others at its pace while somebody does not read on', async () => {
    const request = { threadId: 'slow reader', messages: [words('the fox')], ...sampling }
    const reader = engine.generate(request)[Symbol.asyncIterator]()
    await reader.next()
    const other = await finish(engine, { threadId: 'other reader', messages: [words('hello')] })
    expect(other.finish).toBe('length')
    const events: EngineEvent[] = []
    for await (const event of { [Symbol.asyncIterator]: () => reader }) events.push(event)
    const alone = await finish(engine, { threadId: 'quick reader', messages: [words('the fox')] })
    expect(events.at(-1)).toMatchObject({ type: 'end', tokenIds: alone.tokenIds })
  })

  it('answers questions that come at the same time, each as if alone', async () => {
    const questions = ['the fox', 'hello', 'how many things?']
    const ask = (text: string, threadId: string) => finish(engine, { threadId, messages: [words(text)] })
    const together = await Promise.all(questions.map((text, index) => ask(text, `together-${index}`)))
    for (const [index, text] of questions.entries()) {
      expect(together[index]!.tokenIds).toEqual((await ask(text, `alone-${index}`)).tokenIds)
    }
  })

  it('ends with what was said when cancelled, and answers the next question', async () => {
    const cancel = new AbortController()
    let end: EngineEvent | null = null
    const request = { threadId: 'cancel', messages: [words('the fox')], ...sampling, maxTokens: 150 }
    for await (const event of engine.generate({ ...request, signal: cancel.signal })) {
      if (event.type === 'delta') cancel.abort()
      end = event
    }
    expect(end).toMatchObject({ type: 'end', finish: 'cancelled' })
    expect(await finish(engine, {})).toMatchObject({ finish: 'length' })
  })

  it('throws the signal’s reason when cancelled before the first word', async () => {
    const reason = new Error('too late')
    await expect(finish(engine, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('ends at once when cancelled right after the question, whether or not a word was first', async () => {
    const reason = new Error('too late')
    const cancel = new AbortController()
    const running = finish(engine, { signal: cancel.signal }).catch((error: unknown) => error)
    cancel.abort(reason)
    const end = await running
    if (end !== reason) expect(end).toMatchObject({ finish: 'cancelled' })
  })

  it('stops working when nobody listens any more', async () => {
    for await (const event of engine.generate({ threadId: 'x', messages: [words('the fox')], ...sampling })) {
      if (event.type === 'delta') break
    }
    expect(await finish(engine, {})).toMatchObject({ finish: 'length' })
  })

  it('refuses a clip that was not encoded and an answer that does not fit', async () => {
    await expect(finish(engine, { messages: [aboutClip('never')] })).rejects.toMatchObject({ code: 'QUESTION_INVALID' })
    const overflow = { code: 'CONTEXT_OVERFLOW', details: expect.objectContaining({ maxTokens: 100_000 }) }
    await expect(finish(engine, { maxTokens: 100_000 })).rejects.toMatchObject(overflow)
  })

  it('brings a probe across', async () => {
    const frames = framesOf(...threeFrames())
    await engine.encodeClip({ key: 'probe', kind: 'video', frames, keepPixelValues: true })
    const { probe } = await finish(engine, { messages: [aboutClip('probe')], probe: true })
    expect(probe!.firstStepLogits.length).toBe(engine.manifest.language.vocabulary)
    expect((probe!.pixelValues[0] as unknown[]).length).toBe(3)
  })
})

describe('a worker that dies', () => {
  /** An engine and the thread behind it. */
  async function openWithWorker(): Promise<{ engine: Engine; worker: Worker }> {
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    const mortal = await openEngine({ packageDirectory, threads: 1 })
    await finish(mortal, {})
    const worker = post.mock.contexts[0] as Worker
    post.mockRestore()
    return { engine: mortal, worker }
  }

  it('fails the running request with a code, and the next request starts another', async () => {
    const { engine: mortal, worker } = await openWithWorker()
    await mortal.encodeClip({ key: 'survivor', kind: 'video', frames: framesOf(...threeFrames()) })
    const before = await finish(mortal, { messages: [aboutClip('survivor')] })
    const running = finish(mortal, { threadId: 'other', maxTokens: 150 })
    const outcome = expect(running).rejects.toMatchObject({ code: 'INFERENCE_FAILED', retryable: true })
    await worker.terminate()
    await outcome
    const after = await finish(mortal, { messages: [aboutClip('survivor')] })
    expect(after).toMatchObject({ tokenIds: before.tokenIds, reusedTokens: 0 })
    await mortal.close()
  })

  it('says why when it failed by an error of its own', async () => {
    const { engine: mortal, worker } = await openWithWorker()
    const running = finish(mortal, { threadId: 'other', maxTokens: 150 })
    const outcome = expect(running).rejects.toThrow(/Unhandled case: .*nonsense/)
    worker.postMessage({ type: 'nonsense' })
    await outcome
    expect(await finish(mortal, {})).toMatchObject({ finish: 'length' })
    await mortal.close()
  })
})

describe('close', () => {
  it('fails what runs and what comes later with ENGINE_CLOSED, and may be called twice', async () => {
    const closing = await openEngine({ packageDirectory, threads: 1 })
    const running = finish(closing, { maxTokens: 150 })
    const outcome = expect(running).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([closing.close(), closing.close()])
    await outcome
    await expect(finish(closing, {})).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await expect(closing.forget('x')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    const encode = closing.encodeClip({ key: 'a', kind: 'video', frames: framesOf(patternFrame(0)) })
    await expect(encode).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  })
})

describe('openEngine', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valley-engine-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('refuses a folder without a package', async () => {
    await expect(openEngine({ packageDirectory: join(folder, 'none') })).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
    })
  })

  it('refuses a package with a changed file', async () => {
    const copy = join(folder, 'changed')
    await cp(packageDirectory, copy, { recursive: true })
    await writeFile(join(copy, engine.manifest.graphs.decoder), 'something else')
    await expect(openEngine({ packageDirectory: copy })).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT' })
  })
})
