import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent, ModelRequest } from '../../../src/valley/answer-request.ts'
import type { AnswerRun } from '../../../src/valley/answer-run.ts'
import { Valley } from '../../../src/valley/valley.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

let valley: Valley
beforeAll(async () => {
  valley = await Valley.open(await openPackage(await buildTinyPackage('mean')), { intraOpThreads: 1 })
})
afterAll(() => valley.dispose())

const greedy = { temperature: 0, topP: 1, seed: 0, probe: false }

function requestOf(text: string, maxTokens: number, more: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }], maxTokens, ...greedy, ...more }
}

function idsOf(events: readonly ModelEvent[]): readonly number[] {
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error('an answer ends with an end event')
  return end.tokenIds
}

async function alone(request: ModelRequest): Promise<readonly number[]> {
  const events: ModelEvent[] = []
  for await (const event of valley.answer(request, valley.startConversation())) events.push(event)
  return idsOf(events)
}

/** Answers many, each coming in after the steps given, in shared steps. */
async function together(requests: readonly ModelRequest[], comesAt: readonly number[]): Promise<(readonly number[])[]> {
  const answers = new Map<AnswerRun, ModelEvent[]>()
  for (let step = 0; answers.size < requests.length || [...answers.keys()].some(({ ended }) => !ended); step++) {
    for (const [index, request] of requests.entries()) {
      if (comesAt[index] !== step) continue
      const run = valley.startAnswer(valley.readQuestion(request), valley.startConversation())
      const events: ModelEvent[] = []
      while (run.needsPrefill) events.push(...(await run.prefill(16)))
      answers.set(run, events)
    }
    const due = [...answers.keys()].filter(({ ended }) => !ended)
    for (const [index, outcome] of (await valley.stepTogether(due)).entries()) {
      const run = due[index]!
      if ('error' in outcome) throw outcome.error
      answers.get(run)!.push(...outcome.events)
      if (run.ended) valley.endAnswer(run)
    }
  }
  return [...answers.values()].map(idsOf)
}

describe('answers whose steps are taken together', () => {
  it('are those that each gives alone: 200 prompts of mixed lengths that come and go', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz '
    const requests = Array.from({ length: 200 }, (_, index) => {
      const text = Array.from({ length: 1 + ((index * 7) % 23) }, (_, at) => letters[(index * 5 + at * 11) % 27]).join(
        '',
      )
      return requestOf(text, 2 + ((index * 13) % 17))
    })
    for (let first = 0; first < requests.length; first += 10) {
      const group = requests.slice(first, first + 10)
      const expected: (readonly number[])[] = []
      for (const request of group) expected.push(await alone(request))
      const comesAt = group.map((_, index) => Math.floor(index / 3) * 2)
      expect(await together(group, comesAt)).toEqual(expected)
    }
  })

  it('draw their own numbers, whoever is beside them', async () => {
    const requests = [1, 2, 3].map((seed) => requestOf('the fox', 12, { temperature: 1, seed }))
    const expected = await Promise.all(requests.map(alone))
    expect(await together(requests, [0, 0, 0])).toEqual(expected)
  })
})
