import { expect, it } from 'vitest'
import { buildMessages } from '../../../src/conversation/build-messages.ts'
import { addAnswer, addQuestion, newThread } from '../../../src/conversation/thread.ts'

const thread = addQuestion(addAnswer(addQuestion(newThread('t'), 'What?', [{ path: '/a' }]), 'A ball.'), 'And?', [])

it('puts each clip before the words of the turn that brought it', () => {
  expect(buildMessages(thread)).toEqual([
    {
      role: 'user',
      content: [
        { type: 'clip', clip: { id: 'clip-1', path: '/a' } },
        { type: 'text', text: 'What?' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'A ball.' }] },
    { role: 'user', content: [{ type: 'text', text: 'And?' }] },
  ])
})

it('begins with the system prompt when one is given', () => {
  const messages = buildMessages(thread, 'Be brief.')
  expect(messages).toHaveLength(4)
  expect(messages[0]).toEqual({ role: 'system', content: [{ type: 'text', text: 'Be brief.' }] })
})
