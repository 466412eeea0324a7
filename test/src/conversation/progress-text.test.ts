import { expect, it } from 'vitest'
import { progressText } from '../../../src/conversation/progress-text.ts'

it('shows progress with counts where there are any', () => {
  expect(progressText({ type: 'progress', stage: 'looking', done: 3, total: 8 })).toBe('Looking at frames 3/8')
  expect(progressText({ type: 'progress', stage: 'probing' })).toBe('Opening the clip …')
})
