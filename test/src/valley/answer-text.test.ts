import { expect, it } from 'vitest'
import { AnswerText } from '../../../src/valley/answer-text.ts'

const decode = (ids: readonly number[]) => String.fromCharCode(...ids)

function run(
  text: string,
  stops: string[] = [],
  labels: string[] = [],
): { shown: string; answer: string; stopped: boolean } {
  const answer = new AnswerText(decode, stops, labels)
  let shown = ''
  for (const character of text) shown += answer.push(character.charCodeAt(0))
  shown += answer.finish()
  return { shown, answer: answer.text, stopped: answer.stopped }
}

it('leaves out white space around the answer and keeps it inside', () => {
  expect(run('\n  A red fox.\n \n')).toEqual({ shown: 'A red fox.', answer: 'A red fox.', stopped: false })
})

it('drops the white space before a stop text', () => {
  expect(run(' A fox.\n### Human: more', ['###'])).toEqual({ shown: 'A fox.', answer: 'A fox.', stopped: true })
})

it('gives the beginning of a stop text that was none', () => {
  expect(run('a ##', ['###']).shown).toBe('a ##')
})

it('is empty for white space alone', () => {
  expect(run(' \n ')).toEqual({ shown: '', answer: '', stopped: false })
})

it.each([
  [' Assistant: A fox.', 'A fox.'],
  ['Assistant: Valley:  A fox.', 'A fox.'],
  ['Assistants are here.', 'Assistants are here.'],
  ['Assist', 'Assist'],
  ['A fox. Valley: yes', 'A fox. Valley: yes'],
  ['Assistant:', ''],
])('leaves labels out that the model writes in front: %j', (text, answer) => {
  expect(run(text, ['###'], ['Assistant:', 'Valley:'])).toEqual({ shown: answer, answer, stopped: false })
})
