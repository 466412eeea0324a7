import { expect, it } from 'vitest'
import { progressText } from '../../../src/conversation/progress-text.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { zh } from '../../../src/conversation/texts/zh.ts'

it('shows progress with counts where there are any', () => {
  expect(progressText({ type: 'progress', stage: 'looking', done: 3, total: 8 }, en)).toBe('Looking at frames 3/8')
  expect(progressText({ type: 'progress', stage: 'looking', done: 3, total: 8 }, zh)).toBe('正在看画面 3/8')
  expect(progressText({ type: 'progress', stage: 'probing' }, en)).toBe('Opening the clip …')
})

it('counts a download in megabytes', () => {
  expect(progressText({ type: 'progress', stage: 'downloading', done: 2_500_000, total: 12_000_000 }, en)).toBe(
    'Downloading the clip 2.5/12.0 MB',
  )
  expect(progressText({ type: 'progress', stage: 'downloading', done: 40_000 }, en)).toBe('Downloading the clip 0.0 MB')
})
