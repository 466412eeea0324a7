import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSuite, SUITE_FILE } from '../../../src/evaluation/suite.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'valley-suite-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const RIGHT = {
  name: 'stickers',
  description: 'Held-out clips.',
  things: ['cat', 'dog'],
  settings: ['sky'],
  clips: [
    {
      file: 'clips/1.mp4',
      questions: [
        { id: '1a', kind: 'things', question: 'What is there?', expected: { things: ['cat'] } },
        { id: '1b', kind: 'motion', question: 'Where does it go?', expected: { direction: 'up and to the left' } },
      ],
    },
  ],
}

const LEXICON = {
  ...{ spaced: true, yes: ['Yes'], no: ['No'], things: { cat: ['cat', 'cats'] }, settings: { sky: ['in the sky'] } },
  ...{
    colours: { red: ['red'] },
    cells: {},
    directions: { left: ['to the left'] },
    numbers: { '1': ['one'] },
    events: {},
  },
}

function readWith(suite: unknown) {
  writeFileSync(join(folder, SUITE_FILE), typeof suite === 'string' ? suite : JSON.stringify(suite))
  return readSuite(folder)
}

function withQuestion(question: object) {
  return { ...RIGHT, clips: [{ file: '1.mp4', questions: [question] }] }
}

describe('readSuite', () => {
  it('reads a right suite and remembers where it lies', async () => {
    expect(await readWith(RIGHT)).toEqual({ ...RIGHT, directory: folder })
  })

  it.each<[string, unknown, RegExp]>([
    ['text that is not JSON', 'not json', /suite\.json cannot be read: /],
    ['a suite without clips', { ...RIGHT, clips: [] }, /clips/],
    [
      'an unknown direction',
      withQuestion({ id: 'x', kind: 'motion', question: 'Where?', expected: { direction: 'north' } }),
      /clips\.0\.questions\.0\.expected\.direction/,
    ],
    [
      'facts of another kind',
      withQuestion({ id: 'x', kind: 'count', question: 'How many?', expected: { things: ['cat'] } }),
      /clips\.0\.questions\.0\.expected\.count/,
    ],
    [
      'a thing that the suite does not know',
      withQuestion({ id: 'x', kind: 'order', question: 'What first?', expected: { first: 'owl' } }),
      /question x: owl is not among/,
    ],
    [
      'a setting that the suite does not know',
      withQuestion({ id: 'x', kind: 'setting', question: 'Where?', expected: { setting: 'sea' } }),
      /question x: sea is not among/,
    ],
    [
      'a kind that needs a lexicon, without one',
      withQuestion({ id: 'x', kind: 'colour', question: 'Which colour?', expected: { colour: 'red' } }),
      /question x: the suite has no languages/,
    ],
    [
      'a question in a language that has no lexicon',
      {
        ...withQuestion({
          id: 'x',
          kind: 'presence',
          question: 'Hay?',
          language: 'es',
          expected: { present: true },
        }),
        languages: { en: LEXICON },
      },
      /question x: its language is es; en are known/,
    ],
    [
      'an answer that the lexicon has no word for',
      {
        ...withQuestion({
          id: 'x',
          kind: 'colour',
          question: 'Colour?',
          language: 'en',
          expected: { colour: 'mauve' },
        }),
        languages: { en: LEXICON },
      },
      /question x: mauve is not among the colours/,
    ],
    ['an id used twice', { ...RIGHT, clips: [RIGHT.clips[0], RIGHT.clips[0]] }, /1a: the id is used twice/],
    ['a clip outside its folder', { ...RIGHT, clips: [{ ...RIGHT.clips[0], file: '../1.mp4' }] }, /clips\.0\.file/],
    ['a clip by its full path', { ...RIGHT, clips: [{ ...RIGHT.clips[0], file: '/1.mp4' }] }, /clips\.0\.file/],
  ])('refuses %s in one line that names the place', async (_, suite, message) => {
    const error = await readWith(suite).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) })
    expect(error.message).not.toContain('\n')
  })

  it('says what to do when there is no suite', async () => {
    await expect(readSuite(join(folder, 'none'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/ENOENT.*--suite/),
    })
  })
})
