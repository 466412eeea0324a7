import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../src/model-package/manifest.ts'
import type { ModelPackage } from '../../../src/model-package/model-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent, ModelRequest } from '../../../src/valley/answer-request.ts'
import type { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import type { PromptMessage } from '../../../src/valley/prompt.ts'
import { Valley } from '../../../src/valley/valley.ts'
import { patternFrame, referenceFloats, referenceIds, referenceVisualTokens } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage, TINY_VARIANTS, type TinyVariant, tinyCheckpoint } from '../../helpers/tiny-package.ts'

type EndEvent = Extract<ModelEvent, { type: 'end' }>

const greedy = { maxTokens: 16, temperature: 0, topP: 1, seed: 0, probe: false }

/** The conversation whose prompt is the PyTorch reference's. */
function referenceMessages(variant: TinyVariant): PromptMessage[] {
  const clip = { type: 'clip', clip: referenceVisualTokens(variant) } as const
  return [{ role: 'user', content: [clip, { type: 'text', text: 'what moves first?' }] }]
}

function userWords(text: string): PromptMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

async function finish(
  valley: Valley,
  request: ModelRequest,
  conversation: ConversationCache = valley.startConversation(),
): Promise<EndEvent> {
  const events: ModelEvent[] = []
  for await (const event of valley.answer(request, conversation)) events.push(event)
  expect(events[0]!.type).toBe('prefill')
  const end = events.at(-1)!
  if (end.type !== 'end') throw new Error('an answer ends with an end event')
  const shown = events.map((event) => (event.type === 'delta' ? event.text : '')).join('')
  expect(shown).toBe(end.answer)
  return end
}

describe.each(TINY_VARIANTS)('Valley with %s pooling', (variant) => {
  let valley: Valley
  const messages = referenceMessages(variant)
  const [firstTurn] = messages

  beforeAll(async () => {
    valley = await Valley.open(await openPackage(await buildTinyPackage(variant)), { intraOpThreads: 1 })
  })
  afterAll(() => valley.dispose())

  it('answers greedily with the tokens of PyTorch', async () => {
    const end = await finish(valley, { ...greedy, messages, probe: true })
    expect(end.promptTokenIds).toEqual(referenceIds(variant, 'token_ids'))
    expect(end.tokenIds).toEqual(referenceIds(variant, 'greedy_ids'))
    expect(end).toMatchObject({ finish: 'length', reusedTokens: 0 })
    const firstLogits = referenceFloats(variant, 'step_logits').data.subarray(0, valley.manifest.language.vocabulary)
    expect(relativeError(end.probe!.firstStepLogits, firstLogits)).toBeLessThan(1e-4)
  })

  it('gives the same answer for the same seed and others for other seeds', async () => {
    const draw = async (seed: number) =>
      (await finish(valley, { ...greedy, messages, temperature: 1.5, topP: 0.95, seed })).tokenIds
    const first = await draw(3)
    expect(await draw(3)).toEqual(first)
    const others = await Promise.all([4, 5, 6].map(draw))
    expect(others.some((ids) => ids.join() !== first.join())).toBe(true)
  })

  it('answers a follow-up from the kept cache with the tokens of a fresh run', async () => {
    const conversation = valley.startConversation()
    const first = await finish(valley, { ...greedy, messages }, conversation)
    const followUp: PromptMessage[] = [
      firstTurn!,
      { role: 'assistant', content: [{ type: 'text', text: first.answer }] },
      userWords('how many things?'),
    ]
    const kept = await finish(valley, { ...greedy, messages: followUp }, conversation)
    const fresh = await finish(valley, { ...greedy, messages: followUp })
    expect(kept.reusedTokens).toBeGreaterThanOrEqual(first.promptTokenIds.length)
    expect(fresh.reusedTokens).toBe(0)
    expect(kept.tokenIds).toEqual(fresh.tokenIds)
  })

  it('does not take one clip’s rows for another’s', async () => {
    const conversation = valley.startConversation()
    await finish(valley, { ...greedy, messages }, conversation)
    const clip = await valley.encodeClip(
      'other',
      [0, 1, 2].map((n) => patternFrame(n)),
      { kind: 'video' },
    )
    const other: PromptMessage[] = [{ role: 'user', content: [{ type: 'clip', clip }, firstTurn!.content[1]!] }]
    const kept = await finish(valley, { ...greedy, messages: other }, conversation)
    const fresh = await finish(valley, { ...greedy, messages: other })
    expect(kept.reusedTokens).toBeGreaterThan(0)
    expect(kept.reusedTokens).toBeLessThan(kept.promptTokenIds.length - 8)
    expect(kept.tokenIds).toEqual(fresh.tokenIds)
  })
})

describe('Valley', () => {
  let modelPackage: ModelPackage
  let valley: Valley
  const messages = referenceMessages('importance')
  /** A question that the random weights answer with printable characters. */
  const talk = { ...greedy, maxTokens: 40, messages: [userWords('the fox')] }
  const greedyIds = referenceIds('importance', 'greedy_ids')

  beforeAll(async () => {
    modelPackage = await openPackage(await buildTinyPackage('importance'))
    valley = await Valley.open(modelPackage, { intraOpThreads: 1 })
  })
  afterAll(() => valley.dispose())

  /** The same model with other words in its manifest. */
  function openWith(change: (manifest: ModelManifest) => ModelManifest): Promise<Valley> {
    return Valley.open({ ...modelPackage, manifest: change(modelPackage.manifest) }, { intraOpThreads: 1 })
  }

  it('ends at an end token, which counts as drawn but is not shown', async () => {
    const file = readFileSync(join(tinyCheckpoint('importance'), 'tokenizer.json'), 'utf8')
    const { model } = JSON.parse(file) as { model: { vocab: Record<string, number> } }
    const id = greedyIds[2]!
    const text = Object.keys(model.vocab).find((token) => model.vocab[token] === id)!
    const ending = await openWith((manifest) => ({ ...manifest, tokens: { ...manifest.tokens, eos: [{ id, text }] } }))
    const end = await finish(ending, { ...greedy, messages })
    expect(end.tokenIds).toEqual(greedyIds.slice(0, greedyIds.indexOf(id) + 1))
    expect(end.finish).toBe('stop')
    await ending.dispose()
  })

  it('ends at a stop text and shows nothing of it', async () => {
    const { answer } = await finish(valley, talk)
    const stop = 'X0'
    expect(answer.indexOf(stop)).toBeGreaterThan(0)
    const stopping = await openWith((manifest) => ({ ...manifest, prompt: { ...manifest.prompt, stop: [stop] } }))
    const end = await finish(stopping, talk)
    expect(end.finish).toBe('stop')
    expect(end.answer).toBe(answer.slice(0, answer.indexOf(stop)).trimEnd())
    await stopping.dispose()
  })

  it('ends when cancelled, with what was drawn, and the conversation goes on afterwards', async () => {
    const conversation = valley.startConversation()
    const cancel = new AbortController()
    let end: ModelEvent | null = null
    for await (const event of valley.answer(talk, conversation, cancel.signal)) {
      if (event.type === 'delta') cancel.abort()
      end = event
    }
    expect(end).toMatchObject({ type: 'end', finish: 'cancelled' })
    const again = await finish(valley, talk, conversation)
    expect(again.tokenIds).toEqual((await finish(valley, talk)).tokenIds)
  })

  it('ends without a word when cancelled before it begins', async () => {
    const events: ModelEvent[] = []
    const answer = valley.answer({ ...greedy, messages }, valley.startConversation(), AbortSignal.abort())
    for await (const event of answer) events.push(event)
    expect(events.map(({ type }) => type)).toEqual(['prefill', 'end'])
    expect(events[1]).toMatchObject({ finish: 'cancelled', tokenIds: [], answer: '' })
  })

  it('takes a prompt and answer that just fill the context and refuses one token more, with the numbers', async () => {
    const { context } = valley.manifest.language
    const promptTokens = referenceIds('importance', 'token_ids').length
    const maxTokens = context - promptTokens
    expect((await finish(valley, { ...greedy, messages, maxTokens })).tokenIds.length).toBeLessThanOrEqual(maxTokens)
    await expect(finish(valley, { ...greedy, messages, maxTokens: maxTokens + 1 })).rejects.toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      details: { promptTokens, maxTokens: maxTokens + 1, context },
    })
  })

  it.each([
    { maxTokens: 0 },
    { maxTokens: 1.5 },
    { temperature: -1 },
    { temperature: Number.NaN },
    { topP: 0 },
    { topP: 1.1 },
    { seed: 0.5 },
  ])('refuses the options %j by name', async (options) => {
    const error = { code: 'QUESTION_INVALID', details: { option: Object.keys(options)[0] } }
    await expect(finish(valley, { ...greedy, messages, ...options })).rejects.toMatchObject(error)
  })

  it('shows the tensors of an answer when probed', async () => {
    const frames = [patternFrame(0), patternFrame(1)]
    const clip = await valley.encodeClip('a', frames, { kind: 'video', keepPixelValues: true })
    const probed: PromptMessage[] = [{ role: 'user', content: [{ type: 'clip', clip }] }]
    const { probe } = await finish(valley, { ...greedy, messages: probed, probe: true })
    const { vision, language } = valley.manifest
    const pixelValues = probe!.pixelValues[0] as number[][][][]
    expect([pixelValues.length, pixelValues[0]!.length, pixelValues[0]![0]!.length]).toEqual([2, 3, vision.imagePixels])
    expect(pixelValues.flat(3)).toEqual([...clip.pixelValues!])
    const features = probe!.visualFeatures[0] as number[][]
    expect([features.length, features[0]!.length]).toEqual([vision.patches + 2, language.width])
    expect(probe!.firstStepLogits.length).toBe(language.vocabulary)
  })
})
