// In Qwen2.5-VL a token's place is not the number of its row in the KV cache. Nothing that is done with caches may show it:
// every answer here is held to transformers', which reads each prompt whole and alone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent, ModelRequest } from '../../../src/valley/answer-request.ts'
import type { AnswerRun } from '../../../src/valley/answer-run.ts'
import type { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import { closeGraphs, openGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import { openDecoder } from '../../../src/valley/open-decoder.ts'
import { shapesOf } from '../../../src/valley/shapes.ts'
import { Valley } from '../../../src/valley/valley.ts'
import {
  caseMessages,
  familyCheckpoint,
  formulaFrame,
  type ReferenceCase,
  referenceCases,
} from '../../helpers/family-checkpoint.ts'

const directory = mkdtempSync(join(tmpdir(), 'valley-places-'))
const cases = new Map(referenceCases('qwen2.5-vl').map((one) => [one.name, one]))
let valley: Valley

beforeAll(async () => {
  const build = { checkpointDirectory: familyCheckpoint('qwen2.5-vl'), precision: 'fp32' } as const
  await buildPackage({ ...build, outputDirectory: directory })
  valley = await Valley.open(await openPackage(directory), { intraOpThreads: 1 })
})
afterAll(async () => {
  await valley.dispose()
  rmSync(directory, { recursive: true, force: true })
})

function caseOf(name: string): ReferenceCase {
  return cases.get(name)!
}

async function requestOf(name: string): Promise<ModelRequest> {
  const { messages } = await caseMessages(valley, caseOf(name))
  return { messages, maxTokens: caseOf(name).greedyIds.length, temperature: 0, topP: 1, seed: 0, probe: false }
}

type End = Extract<ModelEvent, { type: 'end' }>

function endOf(events: readonly ModelEvent[]): End {
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error('an answer ends with an end event')
  return end
}

async function answer(name: string, conversation: ConversationCache): Promise<End> {
  const events: ModelEvent[] = []
  for await (const event of valley.answer(await requestOf(name), conversation)) events.push(event)
  return endOf(events)
}

describe('a model whose places have three parts', () => {
  it('keeps what a conversation shares with the next question', async () => {
    const conversation = valley.startConversation()
    await answer('video', conversation)
    const followUp = await answer('two turns', conversation)
    // All of the clip, which comes before the words.
    expect(followUp.reusedTokens).toBeGreaterThan(42)
    expect(followUp.tokenIds).toEqual(caseOf('two turns').greedyIds)
    // Back to where places are other than they were, with some of the rows.
    const back = await answer('video', conversation)
    expect(back.reusedTokens).toBeGreaterThan(42)
    expect(back.tokenIds).toEqual(caseOf('video').greedyIds)
  })

  it('takes over the rows of another conversation', async () => {
    const first = valley.startConversation()
    await answer('video', first)
    const other = valley.startConversation()
    const { prompt } = valley.readQuestion(await requestOf('two clips'))
    const shared = first.sharedWith(prompt)
    expect(shared).toBeGreaterThan(42)
    other.adopt(first, shared)
    const end = await answer('two clips', other)
    expect(end.reusedTokens).toBe(shared)
    expect(end.tokenIds).toEqual(caseOf('two clips').greedyIds)
  })

  it.each([1, 7])('reads prompts in chunks of %i tokens', async (chunkTokens) => {
    const question = valley.readQuestion(await requestOf('two clips'))
    const run = valley.startAnswer(question, valley.startConversation())
    const events: ModelEvent[] = []
    while (run.needsPrefill) events.push(...(await run.prefill(chunkTokens)))
    while (!run.ended) for (const outcome of await valley.stepTogether([run])) events.push(...eventsOf(outcome))
    expect(endOf(events).tokenIds).toEqual(caseOf('two clips').greedyIds)
  })

  it('checks guessed tokens behind the prompt, and goes on where a wrong one was taken back', async () => {
    const { greedyIds } = caseOf('two clips')
    const { prompt } = valley.readQuestion(await requestOf('two clips'))
    const modelPackage = await openPackage(directory)
    const graphs = await openGraphs(modelPackage, { intraOpThreads: 1 })
    try {
      const shapes = shapesOf(modelPackage.manifest)
      const decoder = await openDecoder(graphs.embedTokens, graphs.decoder, shapes)
      const cache = new KvCache(shapes, modelPackage.manifest.language.context)
      await decoder.prefill(prompt, cache)
      const wrong = greedyIds[3] === 100 ? 101 : 100
      const checked = await decoder.decodeAll([...greedyIds.slice(0, 3), wrong], cache)
      expect(checked.slice(0, 3).map(likeliest)).toEqual(greedyIds.slice(1, 4))
      cache.truncate(cache.length - 1)
      for (const [step, id] of greedyIds.slice(3, 9).entries()) {
        expect(likeliest(await decoder.decodeStep(id, cache))).toBe(greedyIds[step + 4])
      }
    } finally {
      await closeGraphs(graphs)
    }
  })

  it('shows pixel values in the shape of their frames', async () => {
    const frames = [1, 2, 3].map((number) => formulaFrame(number, 56, 24, number))
    const clip = await valley.encodeClip('shown', frames, { kind: 'video', keepPixelValues: true })
    const content = [{ type: 'clip' as const, clip }]
    const request = { ...(await requestOf('video')), messages: [{ role: 'user' as const, content }], maxTokens: 1 }
    const events: ModelEvent[] = []
    for await (const event of valley.answer({ ...request, probe: true }, valley.startConversation())) events.push(event)
    const [shown] = endOf(events).probe!.pixelValues as number[][][][][]
    expect([shown!.length, shown![0]!.length, shown![0]![0]!.length, shown![0]![0]![0]!.length]).toEqual([3, 3, 24, 56])
  })

  it('refuses a clip whose pictures change their size', async () => {
    const frames = [formulaFrame(1, 56, 24), formulaFrame(2, 24, 56)]
    await expect(valley.encodeClip('mixed', frames, { kind: 'video' })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(/^A frame of a clip became 24 x 56 pixels and the first one 56 x 24; [^\n]+$/),
    })
  })

  it('takes the steps of several answers together, each at its own place', async () => {
    expect(valley.cacheMode).toBe('in-place')
    const answers = new Map<string, { run: AnswerRun; events: ModelEvent[] }>()
    for (const name of cases.keys()) {
      const run = valley.startAnswer(valley.readQuestion(await requestOf(name)), valley.startConversation())
      const events: ModelEvent[] = []
      while (run.needsPrefill) events.push(...(await run.prefill(256)))
      answers.set(name, { run, events })
    }
    for (;;) {
      const due = [...answers.values()].filter(({ run }) => !run.ended)
      if (due.length === 0) break
      const outcomes = await valley.stepTogether(due.map(({ run }) => run))
      for (const [index, outcome] of outcomes.entries()) due[index]!.events.push(...eventsOf(outcome))
      for (const { run } of due) if (run.ended) valley.endAnswer(run)
    }
    for (const [name, { events }] of answers) expect(endOf(events).tokenIds).toEqual(caseOf(name).greedyIds)
  })
})

function likeliest(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits))
}

function eventsOf(
  outcome: { readonly events: readonly ModelEvent[] } | { readonly error: unknown },
): readonly ModelEvent[] {
  if ('error' in outcome) throw outcome.error
  return outcome.events
}
