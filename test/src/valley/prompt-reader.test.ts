import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { removePrefill } from '../../../src/model-build/fast-prefill.ts'
import { cosine } from '../../../src/model-build/quality/cosine.ts'
import type { ModelPackage } from '../../../src/model-package/model-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent, ModelRequest } from '../../../src/valley/answer-request.ts'
import type { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import { closeGraphs, type Graphs, openGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import { openDecoder } from '../../../src/valley/open-decoder.ts'
import { PromptReader } from '../../../src/valley/prompt-reader.ts'
import { type Shapes, shapesOf } from '../../../src/valley/shapes.ts'
import { Valley } from '../../../src/valley/valley.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { buildTinyPackage, tinyCheckpoint } from '../../helpers/tiny-package.ts'

let modelPackage: ModelPackage
let graphs: Graphs
let shapes: Shapes
let valley: Valley
beforeAll(async () => {
  modelPackage = await openPackage(await buildTinyPackage('mean', 'int8'))
  shapes = shapesOf(modelPackage.manifest)
  graphs = await openGraphs(modelPackage, { intraOpThreads: 1 })
  valley = await Valley.open(modelPackage, { intraOpThreads: 1 })
})
afterAll(async () => {
  await closeGraphs(graphs)
  await valley.dispose()
})

const prompt = Array.from({ length: 40 }, (_, at) => ({ id: 5 + ((at * 7) % 90), visual: null }))

async function openReader({ prefill = graphs.prefill } = {}): Promise<PromptReader> {
  const decoder = await openDecoder(graphs.embedTokens, graphs.decoder, shapes)
  return PromptReader.open(decoder, graphs.embedTokens, prefill, shapes)
}

/** Rows of the cache after a prompt that was read in pieces, and what is said to come next. */
async function readIn(pieces: readonly number[], reader: PromptReader) {
  const cache = new KvCache(shapes, 64)
  let logits: Float32Array | null = null
  let start = 0
  for (const size of pieces) {
    logits = await reader.read(prompt.slice(start, start + size), cache, start + size === prompt.length)
    start += size
  }
  return { rows: cache.rowPieces(cache.length), logits: logits! }
}

function expectNear(seen: Float32Array, expected: Float32Array): void {
  for (const [at, value] of expected.entries()) expect(seen[at]).toBeCloseTo(value, 4)
}

describe('a prompt that a package of 8 bits reads by a graph of its own', () => {
  it('leaves the rows that the decoder would leave, but for what 8 bits lose', async () => {
    expect(modelPackage.manifest.graphs.prefill).toBe('prefill.onnx')
    const [fast, plain] = [await openReader(), await openReader({ prefill: null })]
    expect([fast.readsInItsOwnWay, plain.readsInItsOwnWay]).toEqual([true, false])
    const [seen, expected] = [await readIn([40], fast), await readIn([40], plain)]
    for (const [index, rows] of expected.rows.entries()) expect(cosine(seen.rows[index]!, rows)).toBeGreaterThan(0.99)
    expect(cosine(seen.logits, expected.logits)).toBeGreaterThan(0.99)
  })

  it('is the same in whatever pieces it is read', async () => {
    const reader = await openReader()
    const whole = await readIn([40], reader)
    for (const pieces of [
      [1, 39],
      [16, 16, 8],
      [39, 1],
    ]) {
      const seen = await readIn(pieces, reader)
      for (const [index, rows] of whole.rows.entries()) expectNear(seen.rows[index]!, rows)
      expectNear(seen.logits, whole.logits)
    }
  })
})

const greedy = { maxTokens: 8, temperature: 0, topP: 1, seed: 0, probe: false }

async function ask(messages: ModelRequest['messages'], conversation: ConversationCache) {
  const events: ModelEvent[] = []
  for await (const event of valley.answer({ messages, ...greedy }, conversation)) events.push(event)
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error('an answer ends with an end event')
  return end
}

function message(role: 'user' | 'assistant', text: string): ModelRequest['messages'][number] {
  return { role, content: [{ type: 'text', text }] }
}

it('answers a follow-up as a conversation would that begins with it, and reads only what was said and asked since', async () => {
  for (const words of ['the fox', 'ab cd ef', 'what is it that moves there']) {
    const kept = valley.startConversation()
    const first = await ask([message('user', words)], kept)
    const messages = [message('user', words), message('assistant', first.answer), message('user', 'and then?')]
    const followUp = await ask(messages, kept)
    expect(followUp.tokenIds).toEqual((await ask(messages, valley.startConversation())).tokenIds)
    // The last token of a prompt is the decoder's, as the answer is.
    expect(followUp.reusedTokens).toBe(first.promptTokenIds.length - 1)
  }
})

describe('a package', () => {
  it('has no second weights when they are not wanted', async () => {
    const outputDirectory = join(temporaryFolder(), 'package')
    const options = { checkpointDirectory: tinyCheckpoint('mean'), outputDirectory, precision: 'int4' } as const
    const manifest = await buildPackage({ ...options, fastPrefill: false })
    expect(manifest.graphs.prefill).toBeNull()
    expect(Object.keys(manifest.files)).not.toContain('prefill.data')
  })

  it('loses them whole where they are taken away', async () => {
    const outputDirectory = join(temporaryFolder(), 'package')
    const manifest = await buildPackage({
      checkpointDirectory: tinyCheckpoint('mean'),
      outputDirectory,
      precision: 'int4',
    })
    expect(existsSync(join(outputDirectory, 'prefill.data'))).toBe(true)
    const without = await removePrefill(outputDirectory, manifest)
    expect(without.graphs.prefill).toBeNull()
    expect(Object.keys(without.files).filter((name) => !existsSync(join(outputDirectory, name)))).toEqual([])
    expect(existsSync(join(outputDirectory, 'prefill.data'))).toBe(false)
  })
})
