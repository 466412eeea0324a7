import { expect, it } from 'vitest'
import { buildMessages } from '../../../src/conversation/build-messages.ts'
import { addAnswer, addClips, addQuestion, dropOldestTurns, newThread } from '../../../src/conversation/thread.ts'
import { clip } from '../../helpers/messages.ts'

const { thread: shown } = addClips(newThread('t', 'c'), [clip('/a'), clip('/b')])

/** A thread of questions that were asked about these clips; the last is not answered. */
function talk(...questions: [text: string, ...clipIds: string[]][]) {
  return questions.reduce(
    (thread, [text, ...clipIds], index) => addQuestion(index === 0 ? thread : addAnswer(thread, 'Yes.'), text, clipIds),
    shown,
  )
}

/** Each message in short: clips by id, then the words. */
function inShort(thread: typeof shown): string[] {
  return buildMessages(thread).map(({ content }) =>
    content.map((part) => (part.type === 'clip' ? `[${part.clip.id}]` : part.text)).join(' '),
  )
}

it('puts each clip before the words of the turn that turned to it', () => {
  expect(buildMessages(talk(['What?', 'clip-1'], ['And?', 'clip-1']))).toEqual([
    {
      role: 'user',
      content: [
        { type: 'clip', clip: { id: 'clip-1', platform: 'test', handle: '/a' } },
        { type: 'text', text: 'What?' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
    { role: 'user', content: [{ type: 'text', text: 'And?' }] },
  ])
})

it('shows a clip again when the conversation comes back to it', () => {
  const thread = talk(['one', 'clip-1'], ['two', 'clip-2'], ['three', 'clip-1'], ['four', 'clip-1', 'clip-2'])
  expect(inShort(thread)).toEqual([
    '[clip-1] one',
    'Yes.',
    '[clip-2] two',
    'Yes.',
    '[clip-1] three',
    'Yes.',
    '[clip-1] [clip-2] four',
  ])
})

it('shows the clip to the first turn that is left when older ones were dropped', () => {
  expect(inShort(dropOldestTurns(talk(['one', 'clip-1'], ['two', 'clip-1']))!)).toEqual(['[clip-1] two'])
})

it('leaves out a clip that the thread no longer holds', () => {
  const thread = talk(['one', 'clip-1'], ['two', 'clip-2'])
  expect(inShort({ ...thread, clips: thread.clips.slice(1) })).toEqual(['one', 'Yes.', '[clip-2] two'])
})

it('begins with the system prompt when one is given', () => {
  const messages = buildMessages(talk(['What?', 'clip-1']), 'Be brief.')
  expect(messages).toHaveLength(2)
  expect(messages[0]).toEqual({ role: 'system', content: [{ type: 'text', text: 'Be brief.' }] })
})
