import { totalmem } from 'node:os'
import { expect, it } from 'vitest'
import { bytesForAnswers, shareMemory } from '../../../src/engine/memory-budget.ts'

it('divides all of a budget between clips and conversations', () => {
  expect(shareMemory(800)).toEqual({ maxClipBytes: 100, maxConversationBytes: 700 })
})

it('takes at most a quarter of the machine when nobody says how much', () => {
  const { maxClipBytes, maxConversationBytes } = shareMemory()
  expect(maxClipBytes).toBeGreaterThan(0)
  expect(maxClipBytes + maxConversationBytes).toBeLessThanOrEqual(totalmem() / 4)
})

it('lets answers on a GPU take no more than its memory, where a cache may have room for twice its rows', () => {
  const limits = { maxConversationBytes: 14_000, maxGpuBytes: 2000 }
  expect(bytesForAnswers('cpu', limits)).toBe(14_000)
  expect(bytesForAnswers('webgpu', limits)).toBe(1000)
  expect(bytesForAnswers('webgpu', { ...limits, maxConversationBytes: 500 })).toBe(500)
})
