import { totalmem } from 'node:os'
import { expect, it } from 'vitest'
import { shareMemory } from '../../../src/engine/memory-budget.ts'

it('divides all of a budget between clips and conversations', () => {
  expect(shareMemory(800)).toEqual({ maxClipBytes: 100, maxConversationBytes: 700 })
})

it('takes at most a quarter of the machine when nobody says how much', () => {
  const { maxClipBytes, maxConversationBytes } = shareMemory()
  expect(maxClipBytes).toBeGreaterThan(0)
  expect(maxClipBytes + maxConversationBytes).toBeLessThanOrEqual(totalmem() / 4)
})
