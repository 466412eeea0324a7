import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toJsonRecord } from '../../../src/data/record.ts'
import { llavaRecord, readRecords, writeData } from '../../helpers/data-rows.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const say = (...values: readonly (readonly [string, unknown])[]) => values.map(([from, value]) => ({ from, value }))

describe('a dataset', () => {
  it('is read alike as a list, as lines, and with a mark of UTF-8 before it', async () => {
    const records = [llavaRecord('a'), llavaRecord('ключ "[{\\', { image: undefined, source: 'own', gt_label: [1, 2] })]
    const [list, lines] = [JSON.stringify(records, null, 2), records.map((one) => `${JSON.stringify(one)}\n`).join('')]
    for (const content of [list, lines, `\ufeff${list}`, `\n ${lines.trimEnd()}`]) {
      const { items, problems } = await readRecords(writeData('rows.json', content))
      expect(problems).toEqual([])
      expect(items.map(toJsonRecord)).toEqual(JSON.parse(JSON.stringify(records)))
    }
  })

  it('is read across the borders of the pieces that a file comes in', async () => {
    // Some 3 MB: pieces of 1 MiB end within names, texts and signs of several bytes.
    const records = Array.from({ length: 6_000 }, (_, index) =>
      llavaRecord(`id-${index}`, { note: '漢字 "\\" ü '.repeat((index % 40) + 1) }),
    )
    for (const content of [JSON.stringify(records), records.map((one) => JSON.stringify(one)).join('\n')]) {
      const { items, problems } = await readRecords(writeData('rows.json', content))
      expect(problems).toEqual([])
      expect(items.map(toJsonRecord)).toEqual(records)
    }
  })

  it.each<[string, string, unknown]>([
    ['two-clips', 'a video and an image', llavaRecord('x', { image: 'a.jpg' })],
    ['bad-clip', 'a clip that is no name', llavaRecord('x', { video: 7 })],
    ['bad-clip', 'a clip outside of the folder', llavaRecord('x', { video: '../secret.mp4' })],
    [
      'two-marks',
      'two marks',
      llavaRecord('x', { conversations: say(['human', '<video> or <video>?'], ['gpt', 'Yes.']) }),
    ],
    ['wrong-mark', 'the other mark', llavaRecord('x', { conversations: say(['human', '<image>?'], ['gpt', 'Yes.']) })],
    ['wrong-mark', 'a mark without a clip', llavaRecord('x', { video: undefined })],
    ['unknown-role', 'an unknown role', llavaRecord('x', { conversations: say(['human', 'a'], ['bot', 'b']) })],
    ['unknown-role', 'roles out of turn', llavaRecord('x', { conversations: say(['gpt', 'a'], ['human', 'b']) })],
    ['empty-answer', 'an empty answer', llavaRecord('x', { conversations: say(['human', 'a'], ['gpt', ' \n']) })],
    ['empty-question', 'an empty question', llavaRecord('x', { conversations: say(['human', ''], ['gpt', 'b']) })],
    ['no-conversation', 'a question without an answer', llavaRecord('x', { conversations: say(['human', 'a']) })],
    ['no-conversation', 'no conversation', { id: 'x', video: 'a.mp4' }],
    ['nul-byte', 'a NUL', llavaRecord('x', { conversations: say(['human', 'a'], ['gpt', 'b\0']) })],
    ['not-json', 'something that is no object', 'words'],
  ])('leaves a record out for %s: %s', async (reason, _, wrong) => {
    const file = writeData('rows.json', JSON.stringify([llavaRecord('a'), wrong, llavaRecord('b')]))
    const { items, problems } = await readRecords(file)
    expect(items.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(problems).toEqual([expect.objectContaining({ file, row: 2, reason })])
  })

  it.each<[string, Buffer]>([
    ['not-utf8', Buffer.from('{"id": "\xff"}', 'latin1')],
    ['nul-byte', Buffer.from('{"id": "\0"}')],
    ['not-json', Buffer.from('{"id": }')],
  ])('goes on after bytes that cannot be read: %s', async (reason, wrong) => {
    const right = Buffer.from(JSON.stringify(llavaRecord('a')))
    const list = Buffer.concat([
      Buffer.from('['),
      right,
      Buffer.from(','),
      wrong,
      Buffer.from(','),
      right,
      Buffer.from(']'),
    ])
    const lines = Buffer.concat([right, Buffer.from('\n'), wrong, Buffer.from('\r\n'), right])
    for (const content of [list, lines]) {
      const { items, problems } = await readRecords(writeData('rows', content))
      expect(items).toHaveLength(2)
      expect(problems).toEqual([expect.objectContaining({ row: 2, reason })])
    }
  })

  it('keeps what stands before the place where a file was cut off', async () => {
    const content = JSON.stringify([llavaRecord('a'), llavaRecord('b')]).slice(0, -20)
    const { items, problems } = await readRecords(writeData('rows.json', content))
    expect(items.map(({ id }) => id)).toEqual(['a'])
    expect(problems).toEqual([expect.objectContaining({ row: 2, reason: 'cut-off' })])
  })

  it('has nothing to give from an empty list, and nothing to complain of', async () => {
    expect(await readRecords(writeData('rows.json', ' [ ] \n'))).toEqual({ items: [], problems: [] })
    expect(await readRecords(writeData('rows.json', ''))).toEqual({ items: [], problems: [] })
  })

  it('cannot be read where there is none', async () => {
    await expect(readRecords(join(temporaryFolder(), 'none.json'))).rejects.toThrow(
      /none\.json cannot be read \(ENOENT\)/,
    )
  })

  it('puts a mark that is missing at the end of the first question, and takes roles in any case', async () => {
    const record = llavaRecord('a', { conversations: say(['Human', 'What?'], ['GPT', 'A cat.']) })
    const { items } = await readRecords(writeData('rows.json', JSON.stringify([record])))
    expect(items[0]!.turns).toEqual([{ question: 'What?\n<video>', answer: 'A cat.' }])
  })

  it('leaves records out whose clip is not there, once it knows where clips are', async () => {
    const clips = temporaryFolder()
    mkdirSync(join(clips, 'webvid'))
    writeFileSync(join(clips, 'webvid', '1.mp4'), '')
    const records = [llavaRecord('a', { video: '1' }), llavaRecord('b', { video: '2' })]
    const file = writeData('chat.json', JSON.stringify(records))
    const { items, problems } = await readRecords(file, 'valley-702k', clips)
    expect(items.map(({ id }) => id)).toEqual(['a'])
    expect(problems).toEqual([{ file, row: 2, reason: 'missing-clip', seen: 'webvid/2.mp4' }])
  })
})

describe('the published sets', () => {
  async function clipsOf(layout: Parameters<typeof readRecords>[1], raw: object, clipsFolder: string | null = null) {
    const { items, problems } = await readRecords(writeData('rows.json', JSON.stringify([raw])), layout)
    // A folder that does not exist only gives its name.
    const withFolder =
      clipsFolder === null
        ? null
        : await readRecords(writeData('rows.json', JSON.stringify([raw])), layout, clipsFolder)
    expect(problems).toEqual([])
    return withFolder === null ? items[0]!.clip!.files : [withFolder.problems[0]!.seen]
  }

  it('find the videos of Valley below their source, of WebVid where none is named, with their ending', async () => {
    expect(await clipsOf('valley-702k', llavaRecord('a', { video: '1053304049' }))).toEqual(['webvid/1053304049.mp4'])
    expect(await clipsOf('valley-702k', llavaRecord('a', { video: '7.mp4' }))).toEqual(['webvid/7.mp4'])
    const jukin = llavaRecord('a', { video: 'v_123', source: 'jukinmedia' })
    expect(await clipsOf('valley-instruct-65k', jukin)).toEqual(['jukinmedia/v_123.mp4'])
  })

  it('find the pictures of COCO by the name that the folder calls for', async () => {
    const image = {
      video: undefined,
      image: '000000033471.jpg',
      conversations: say(['human', '<image>\nWhat?'], ['gpt', 'A bus.']),
    }
    expect(await clipsOf('llava-instruct-150k', llavaRecord('a', image))).toEqual(['000000033471.jpg'])
    expect(await clipsOf('llava-instruct-150k', llavaRecord('a', image), '/nowhere/train2014')).toEqual([
      'COCO_train2014_000000033471.jpg',
    ])
    expect(await clipsOf('llava-cc3m-595k', llavaRecord('a', { ...image, image: 'GCC_train_1.jpg' }))).toEqual([
      'GCC_train_1.jpg',
    ])
  })

  it('take the questions and answers of VideoChat, an instruction where the question is empty', async () => {
    const raw = {
      video: '076101_076150/1043755126.mp4',
      QA: [
        { i: 'Describe it.', q: '', a: 'A field.' },
        { q: 'Is it green?', a: 'Yes.' },
      ],
    }
    const { items } = await readRecords(writeData('rows.json', JSON.stringify([raw])), 'videochat-11k')
    expect(items).toEqual([
      {
        id: '076101_076150/1043755126',
        clip: { kind: 'video', files: ['076101_076150/1043755126.mp4'] },
        source: null,
        turns: [
          { question: 'Describe it.\n<video>', answer: 'A field.' },
          { question: 'Is it green?', answer: 'Yes.' },
        ],
        extra: {},
      },
    ])
  })

  it('may show a list of pictures, the frames of one clip', async () => {
    const raw = llavaRecord('a', {
      video: undefined,
      image: ['a/1.jpg', 'a/2.jpg'],
      conversations: say(['human', '<image>'], ['gpt', 'b']),
    })
    expect(await clipsOf('llava', raw)).toEqual(['a/1.jpg', 'a/2.jpg'])
  })
})
