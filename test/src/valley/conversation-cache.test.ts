import { expect, it } from 'vitest'
import { float32Tensor } from '../../../src/onnx/tensor.ts'
import { ConversationCache } from '../../../src/valley/conversation-cache.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'

const shapes = { X: 1, P: 1, F: 2, Dv: 1, Dl: 1, V: 1, L: 1, Hkv: 1, Dh: 1 }

/** A conversation that has run the tokens given. */
function conversationOf(tokens: readonly PromptToken[], rows = tokens.length): ConversationCache {
  const cache = new KvCache(shapes, 100)
  const conversation = new ConversationCache(cache)
  conversation.noteSaid(tokens)
  const fresh = float32Tensor(new Float32Array(rows), [1, 1, rows, 1])
  cache.append({ 'new.0.key': fresh, 'new.0.value': fresh }, rows)
  return conversation
}

const words = (...ids: number[]): PromptToken[] => ids.map((id) => ({ id, visual: null }))

function placeholder(key: string, row: number): PromptToken {
  const clip: VisualTokens = { key, patchCount: 1, frameCount: 1, rows: new Float32Array(2), pixelValues: null }
  return { id: 9, visual: { clip, row } }
}

it('keeps what the prompt continues and leaves the rest to run', () => {
  const conversation = conversationOf(words(1, 2, 3))
  expect(conversation.reusePrefix(words(1, 2, 3, 4, 5))).toBe(3)
  expect(conversation.cache.length).toBe(3)
})

it('cuts where the prompt differs', () => {
  const conversation = conversationOf(words(1, 2, 3, 4))
  expect(conversation.reusePrefix(words(1, 2, 8, 4))).toBe(2)
  expect(conversation.cache.length).toBe(2)
  conversation.noteSaid(words(8))
  expect(conversation.reusePrefix(words(1, 2, 3))).toBe(2)
})

it('leaves at least the last token to run', () => {
  expect(conversationOf(words(1, 2, 3)).reusePrefix(words(1, 2, 3))).toBe(2)
  expect(conversationOf(words(1, 2, 3)).reusePrefix(words(1))).toBe(0)
})

it('tells placeholders of different clips apart, and rows of one clip', () => {
  const turn = [...words(1), placeholder('a', 0), placeholder('a', 1)]
  expect(conversationOf(turn).reusePrefix([...words(1), placeholder('a', 0), placeholder('a', 1), ...words(2)])).toBe(3)
  expect(conversationOf(turn).reusePrefix([...words(1), placeholder('b', 0), ...words(2)])).toBe(1)
  expect(conversationOf(turn).reusePrefix([...words(1), placeholder('a', 1), ...words(2)])).toBe(1)
})

it('counts only tokens that have a row, as after a cancelled prefill', () => {
  const conversation = conversationOf(words(1, 2, 3, 4), 2)
  expect(conversation.reusePrefix(words(1, 2, 3, 4, 5))).toBe(2)
})
