// Many questions at once over many threads, cancelled, reset and asked about other clips at random: nobody gets another's
// words, nothing is lost, and memory stays where it was after warming up.
import { expect, it, onTestFinished } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine, EngineMessage, GenerateRequest } from '../../../src/engine/engine-api.ts'
import type { Frame } from '../../../src/video/frame.ts'
import { patternFrame } from '../../helpers/open-tiny-model.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const QUESTIONS = 1000
const THREADS = 200
const AT_ONCE = 24
const CLIPS = 5
const GREEDY = { temperature: 0, topP: 1, seed: 0, probe: false }
/** More than a collection leaves lying about, far less than a leaked cache a question would add up to. */
const MOST_GROWTH_BYTES = 150 * 1024 * 1024

/** Set by the one test. */
let engine: Engine

async function openSmall(): Promise<void> {
  engine = await openEngine({
    packageDirectory: await buildTinyPackage('mean'),
    threads: 1,
    maxConversations: 30,
    parkingFolder: temporaryFolder(),
  })
  onTestFinished(() => engine.close())
  for (let clip = 0; clip < CLIPS; clip++) {
    await engine.encodeClip({ key: `clip-${clip}`, kind: 'video', frames: framesOf(clip) })
  }
}

async function* framesOf(clip: number): AsyncGenerator<Frame> {
  for (let frame = 0; frame < 2; frame++) yield patternFrame(clip * 3 + frame)
}

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}

/** A question by its number: some kinds of words, clips and lengths. */
function questionOf(number: number): Pick<GenerateRequest, 'messages' | 'maxTokens'> {
  const text = { type: 'text', text: 'abcdefgh'.slice(0, 1 + (number % 7)) } as const
  const clip = { type: 'clip', key: `clip-${number % CLIPS}` } as const
  const messages: EngineMessage[] = [{ role: 'user', content: number % 3 === 0 ? [text] : [clip, text] }]
  return { messages, maxTokens: 1 + (number % 11) }
}

const KINDS = 7 * CLIPS * 3 * 11

async function ask(threadId: string, number: number, cancelAfter: number | null): Promise<readonly number[] | null> {
  const cancel = new AbortController()
  let deltas = 0
  let shown = ''
  try {
    for await (const event of engine.generate({
      threadId,
      ...questionOf(number),
      ...GREEDY,
      signal: cancel.signal,
    })) {
      if (event.type === 'prefill' && cancelAfter === 0) cancel.abort()
      if (event.type === 'delta') {
        shown += event.text
        deltas += 1
        if (deltas === cancelAfter) cancel.abort()
      }
      if (event.type !== 'end') continue
      expect(shown).toBe(event.answer)
      return event.finish === 'cancelled' ? null : event.tokenIds
    }
    throw new Error('an answer ends with an end event')
  } catch (error) {
    if (!cancel.signal.aborted) throw error
    return null
  }
}

it('gives everybody the words that are theirs, under load, cancels and resets, in memory that stays', async () => {
  await openSmall()
  const draw = numbers(7)
  const seen = new Map<number, readonly number[]>()
  let asked = 0
  let warmBytes = 0
  const person = async () => {
    while (asked < QUESTIONS) {
      asked += 1
      if (asked === QUESTIONS / 2) warmBytes = process.memoryUsage.rss()
      const number = Math.floor(draw() * KINDS)
      const threadId = `thread-${Math.floor(draw() * THREADS)}`
      const cancelAfter = draw() < 0.2 ? Math.floor(draw() * 4) : null
      if (draw() < 0.05) await engine.forget(threadId)
      const ids = await ask(threadId, number, cancelAfter)
      if (ids === null) continue
      expect(ids.length).toBeLessThanOrEqual(questionOf(number).maxTokens)
      const before = seen.get(number)
      if (before === undefined) seen.set(number, ids)
      else expect(ids).toEqual(before)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, person))
  expect(process.memoryUsage.rss() - warmBytes).toBeLessThan(MOST_GROWTH_BYTES)
  for (const [number, ids] of [...seen].slice(0, 40)) expect(await ask(`alone-${number}`, number, null)).toEqual(ids)
})
