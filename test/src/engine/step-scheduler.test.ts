import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type StepModel, StepScheduler } from '../../../src/engine/step-scheduler.ts'
import type { ModelEvent } from '../../../src/valley/answer-request.ts'
import type { AnswerRun } from '../../../src/valley/answer-run.ts'
import type { StepOutcome } from '../../../src/valley/answer-steps.ts'

const never = new AbortController().signal
const end: Extract<ModelEvent, { type: 'end' }> = {
  type: 'end',
  answer: '',
  finish: 'stop',
  tokenIds: [],
  promptTokenIds: [],
  reusedTokens: 0,
  timingsMs: {},
}

// The scheduler divides time as it measures it: here each step and each chunk takes a millisecond, however busy the machine is.
beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())
const takeTime = () => vi.advanceTimersByTime(1)

/** An answer of a number of prompt chunks and steps, as far as the scheduler sees it. */
class Script {
  readonly begun: ModelEvent = { type: 'prefill', promptTokens: 1, reusedTokens: 0 }
  readonly name: string
  chunks: number
  steps: number
  ended = false
  readonly #log: string[]

  constructor(log: string[], name: string, chunks: number, steps: number) {
    this.#log = log
    this.name = name
    this.chunks = chunks
    this.steps = steps
  }

  get needsPrefill(): boolean {
    return this.chunks > 0 && !this.ended
  }

  async prefill(): Promise<ModelEvent[]> {
    this.#log.push(`chunk ${this.name}`)
    takeTime()
    this.chunks -= 1
    return []
  }

  step(): ModelEvent[] {
    this.steps -= 1
    this.ended = this.steps === 0
    return this.ended ? [end] : [{ type: 'delta', text: this.name }]
  }

  cancel(): ModelEvent[] {
    this.ended = true
    return [{ ...end, finish: 'cancelled' }]
  }
}

/** A model that tells who took steps together; `fails` names one whose step fails. */
function modelOf(log: string[], fails?: string): StepModel & { readonly freed: string[] } {
  const freed: string[] = []
  return {
    freed,
    async stepTogether(runs) {
      const scripts = runs as unknown as readonly Script[]
      log.push(`step ${scripts.map(({ name }) => name).join('')}`)
      await new Promise((resolve) => setImmediate(resolve))
      takeTime()
      return scripts.map(
        (one): StepOutcome => (one.name === fails ? { error: new Error(`${one.name} broke`) } : { events: one.step() }),
      )
    },
    endAnswer: (run) => freed.push((run as unknown as Script).name),
  }
}

const asRun = (script: Script) => script as unknown as AnswerRun

it('takes the steps of all answers together, and chunks of prompts in turns between them', async () => {
  const log: string[] = []
  const model = modelOf(log)
  const scheduler = new StepScheduler(model)
  const scripts = [new Script(log, 'a', 1, 30), new Script(log, 'b', 3, 3), new Script(log, 'c', 3, 3)]
  await Promise.all(scripts.map((script) => scheduler.answer(asRun(script), never, () => {})))
  const chunks = log.filter((line) => line.startsWith('chunk'))
  expect(chunks).toEqual(['chunk a', 'chunk b', 'chunk c', 'chunk b', 'chunk c', 'chunk b', 'chunk c'])
  // Nobody's stream stalls while others read their prompts: a goes on between chunks.
  expect(log.indexOf('step a')).toBeLessThan(log.lastIndexOf('chunk c'))
  expect(log).toContain('step abc')
  expect(model.freed.toSorted()).toEqual(['a', 'b', 'c'])
})

it('fails the answer whose step fails and no other', async () => {
  const log: string[] = []
  const model = modelOf(log, 'b')
  const scheduler = new StepScheduler(model)
  const a = scheduler.answer(asRun(new Script(log, 'a', 1, 3)), never, () => {})
  const b = scheduler.answer(asRun(new Script(log, 'b', 1, 3)), never, () => {})
  await expect(b).rejects.toThrow('b broke')
  await a
  expect(model.freed.toSorted()).toEqual(['a', 'b'])
})

it('ends a cancelled answer at its next step and lets the others go on', async () => {
  const log: string[] = []
  const scheduler = new StepScheduler(modelOf(log))
  const cancel = new AbortController()
  const seen: ModelEvent[] = []
  const endless = new Script(log, 'a', 1, 1_000_000)
  const cancelled = scheduler.answer(asRun(endless), cancel.signal, (event) => {
    seen.push(event)
    if (event.type === 'delta') cancel.abort()
  })
  await Promise.all([cancelled, scheduler.answer(asRun(new Script(log, 'b', 1, 5)), never, () => {})])
  expect(seen.at(-1)).toMatchObject({ type: 'end', finish: 'cancelled' })
  expect(seen.filter(({ type }) => type === 'delta')).toHaveLength(1)
})

it('does jobs in the order of their coming, and goes on after one that failed', async () => {
  const log: string[] = []
  const scheduler = new StepScheduler(modelOf(log))
  const jobs = ['one', 'two', 'three'].map((name) =>
    scheduler.do(async () => {
      log.push(name)
      if (name === 'two') throw new Error('broken')
      return name
    }),
  )
  expect(await Promise.allSettled(jobs)).toMatchObject([{ value: 'one' }, { status: 'rejected' }, { value: 'three' }])
  expect(log).toEqual(['one', 'two', 'three'])
})

it('fails work in chunks by what a chunk throws', async () => {
  const scheduler = new StepScheduler(modelOf([]))
  await expect(scheduler.inChunks(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
})
