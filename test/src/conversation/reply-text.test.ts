import { expect, it } from 'vitest'
import { ERROR_SENTENCES, turnsDropped } from '../../../src/conversation/reply-text.ts'
import { ERROR_CODES } from '../../../src/errors.ts'

it('has a sentence for every error code, and none of them shows a code, a path or a setting', () => {
  const codes = Object.values(ERROR_CODES).flat()
  expect(Object.keys(ERROR_SENTENCES).sort()).toEqual([...codes].sort())
  for (const sentence of Object.values(ERROR_SENTENCES)) {
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(sentence).not.toMatch(/[A-Z]{2,}_|[\\/]|process|undefined/)
  }
})

it('counts what was left out in words that fit the number', () => {
  expect(turnsDropped(1)).toContain('oldest question and its answer')
  expect(turnsDropped(3)).toContain('3 oldest questions and their answers')
})
