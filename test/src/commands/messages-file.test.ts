import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readMessagesFile } from '../../../src/commands/messages-file.ts'
import { localClip } from '../../../src/conversation/locate-clip.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function fileWith(json: unknown): string {
  const file = join(temporaryFolder(), 'messages.json')
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json))
  return file
}

it('reads texts and parts, and finds clips relative to the file', async () => {
  const file = fileWith([
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'video', path: 'a.mp4' },
        { type: 'image', path: '/b.png' },
        { type: 'text', text: 'Which?' },
      ],
    },
    { role: 'assistant', content: 'The first.' },
    { role: 'user', content: 'Why?' },
  ])
  expect(await readMessagesFile(file)).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'clip', clip: { id: 'clip-1', ...localClip(join(file, '..', 'a.mp4')) } },
        { type: 'clip', clip: { id: 'clip-2', ...localClip('/b.png') } },
        { type: 'text', text: 'Which?' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'The first.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Why?' }] },
  ])
})

it('names every problem with its place, in one line', async () => {
  const file = fileWith([
    'hello',
    { role: 'robot', content: 'x' },
    { role: 'system', content: 7 },
    { role: 'assistant', content: [{ type: 'video', path: 'a.mp4' }, { type: 'sound' }, { type: 'text' }, 4] },
  ])
  const error: unknown = await readMessagesFile(file).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'QUESTION_INVALID', details: { problems: 9 } })
  const { message } = error as Error
  for (const part of [
    'message 1 is a string, not an object with role and content',
    'message 2: role is "robot"; allowed are system, user, assistant',
    'message 3 is of the system; only the first message may be',
    'message 3: content is a number, neither a text nor a list of parts',
    'message 4: content[0] is a clip in a message of the assistant',
    'message 4: content[1].type is "sound"; allowed are text, image, video',
    'message 4: content[2].text is missing, not a text',
    'message 4: content[3] is a number, not a part',
    'and 1 more',
  ]) {
    expect(message).toContain(part)
  }
  expect(message).not.toContain('\n')
})

it.each([
  ['no JSON', '[', 'is not JSON'],
  ['an object', {}, 'is an object, not a list of messages'],
  ['an empty list', [], 'is an empty list, not a list of messages'],
  ['no question at the end', [{ role: 'assistant', content: 'Hi' }], 'the last message is not a question of the user'],
  [
    'a clip without a path',
    [{ role: 'user', content: [{ type: 'video' }] }],
    'path is missing, not the path of a clip',
  ],
])('refuses %s', async (_, json, words) => {
  const error: unknown = await readMessagesFile(fileWith(json)).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'QUESTION_INVALID', message: expect.stringContaining(words) })
})

it('refuses a file that is not there', async () => {
  await expect(readMessagesFile('/nowhere/messages.json')).rejects.toThrow('cannot be read (ENOENT)')
})
