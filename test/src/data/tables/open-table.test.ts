import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { readDuration } from '../../../../src/data/tables/clip-row.ts'
import { readClips, writeData } from '../../../helpers/data-rows.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const shown = async (path: string) =>
  (await readClips(path)).items.map(({ id, clip, caption }) => ({ id, clip, caption }))

describe('a table of clips', () => {
  it('is read from CSV with quoted cells', async () => {
    const csv =
      'id,video,caption\r\n1,a.mp4,"A dog, ""Rex"",\nruns"\r\n2,b.mp4,plain\r\n3,c.mp4,""\r\n4,d.mp4,last "word" in it'
    const { items, problems } = await readClips(writeData('clips.csv', csv))
    expect(items.map(({ id, clip, caption }) => [id, clip, caption])).toEqual([
      ['1', 'a.mp4', 'A dog, "Rex",\nruns'],
      ['2', 'b.mp4', 'plain'],
      ['4', 'd.mp4', 'last "word" in it'],
    ])
    expect(problems).toEqual([expect.objectContaining({ row: 4, reason: 'no-caption' })])
  })

  it('is read across the borders of the pieces that a file comes in', async () => {
    const captions = Array.from(
      { length: 30_000 },
      (_, index) => `Ein "großer" Hund, ${'犬'.repeat(index % 30)} ${index}`,
    )
    const csv = captions.map((caption, index) => `${index}.mp4,"${caption.replaceAll('"', '""')}"\n`).join('')
    const { items, problems } = await readClips(writeData('clips.csv', `clip,caption\n${csv}`))
    expect(problems).toEqual([])
    expect(items.map(({ caption }) => caption)).toEqual(captions)
  })

  it('of WebVid names its columns otherwise, and its files by folder and number', async () => {
    const csv =
      'videoid,contentUrl,duration,page_dir,name\n1066674784,https://example.org/preview/x.mp4,PT00H00M18S,066401_066450,Aerial view of a bay\n'
    const { items } = await readClips(writeData('results_2M_train.csv', csv))
    expect(items).toEqual([
      expect.objectContaining({
        id: '1066674784',
        clip: '066401_066450/1066674784.mp4',
        url: 'https://example.org/preview/x.mp4',
        caption: 'Aerial view of a bay',
        durationSeconds: 18,
      }),
    ])
  })

  it('is read alike from TSV, JSON lines, a JSON list and Parquet', async () => {
    const rows = [
      { id: '1', video: 'a.mp4', caption: 'A dog runs' },
      { id: '2', video: 'b.mp4', caption: 'Ein Vogel' },
    ]
    const parquet = join(temporaryFolder(), 'clips.parquet')
    const columnData = (['id', 'video', 'caption'] as const).map((name) => ({
      name,
      data: rows.map((row) => row[name]),
    }))
    parquetWriteFile({ filename: parquet, columnData })
    const expected = rows.map(({ id, video, caption }) => ({ id, clip: video, caption }))
    const tsv = `id\tvideo\tcaption\n${rows.map((row) => Object.values(row).join('\t')).join('\n')}\n`
    for (const path of [
      writeData('clips.tsv', tsv),
      writeData('clips.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      writeData('clips.json', JSON.stringify(rows)),
      parquet,
    ]) {
      expect(await shown(path)).toEqual(expected)
    }
  })

  it('is read from Parquet as other programs compress it, also by Zstandard', async () => {
    const { items, problems } = await readClips(join(PROJECT_ROOT, 'test/fixtures/parquet/zstd.parquet'))
    expect(problems).toEqual([])
    expect(items.map(({ row, id, clip, caption }) => [row, id, clip, caption])).toEqual(
      Array.from({ length: 200 }, (_, row) => {
        const colour = row % 2 === 0 ? 'red' : 'blue'
        const caption = `A dog runs over field ${row % 7}, and the ${colour} bird number ${row} watches it`
        return [row + 1, String(row), `${row}.mp4`, caption]
      }),
    )
  })

  it('of Parquet may have whole numbers of 64 bits, also in lists and in rows that are told', async () => {
    const filename = join(temporaryFolder(), 'clips.parquet')
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 5 },
      { name: 'id', type: 'INT64', repetition_type: 'REQUIRED' },
      { name: 'video', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'caption', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'duration', type: 'INT64', repetition_type: 'REQUIRED' },
      { name: 'objects', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT64', repetition_type: 'OPTIONAL' },
    ]
    // The first whole number that JavaScript's numbers skip.
    const large = 2n ** 53n + 1n
    const columnData = [
      { name: 'id', data: [7n, large] },
      { name: 'video', data: ['a.mp4', 'b.mp4'] },
      { name: 'caption', data: ['A dog', null] },
      { name: 'duration', data: [12n, 13n] },
      { name: 'objects', data: [[1n, large], [2n]] },
    ]
    parquetWriteFile({ filename, schema, columnData })
    const { items, problems } = await readClips(filename)
    expect(items).toMatchObject([{ id: '7', durationSeconds: 12, objects: [1, '9007199254740993'] }])
    const seen = '{"id":"9007199254740993","video":"b.mp4","caption":null,"duration":13,"objects":[2]}'
    expect(problems).toMatchObject([{ row: 2, reason: 'no-caption', seen: `${seen.slice(0, 80)}…` }])
  })

  it('that is compressed and damaged is told as such', async () => {
    const whole = readFileSync(join(PROJECT_ROOT, 'test/fixtures/parquet/zstd.parquet'))
    // The first page's Zstandard frame, whose head is its magic number.
    const frame = whole.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
    whole.fill(0xff, frame + 4, frame + 40)
    await expect(readClips(writeData('clips.parquet', whole))).rejects.toThrow(/cannot be read as Parquet \(\D/)
  })

  it('takes sentences with times and boxes, also as JSON within a cell', async () => {
    const sentences = [
      { start: 0, end: 2.5, text: 'A man sits.' },
      { timestamp: [2.5, 4], sentence: 'He rises.' },
      { text: 'no time' },
    ]
    const row = {
      clip: 'a.mp4',
      caption: 'A man',
      sentences,
      objects: [{ name: 'man', box: [0, 0, 1, 1] }],
      title: 'Rise',
    }
    const inCell = { ...row, sentences: JSON.stringify(sentences), objects: JSON.stringify(row.objects) }
    const { items } = await readClips(writeData('clips.jsonl', `${JSON.stringify(row)}\n${JSON.stringify(inCell)}`))
    expect(items[0]!.sentences).toEqual([
      { startSeconds: 0, endSeconds: 2.5, text: 'A man sits.' },
      { startSeconds: 2.5, endSeconds: 4, text: 'He rises.' },
    ])
    expect(items[0]).toMatchObject({ id: 'a', title: 'Rise', objects: row.objects })
    expect({ ...items[1], row: 1 }).toEqual(items[0])
  })

  it('may be a folder with a text or an object beside each clip', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'deep'))
    for (const name of ['a.mp4', 'deep/b.webm', 'c.gif', 'd.mp4']) writeFileSync(join(folder, name), '')
    writeFileSync(join(folder, 'a.txt'), 'A cat.\n')
    writeFileSync(join(folder, 'deep/b.json'), JSON.stringify({ caption: 'A dog.', id: 'dog', source: 'own' }))
    writeFileSync(join(folder, 'd.json'), '[1]')
    const { items, problems } = await readClips(folder)
    expect(items.map(({ id, clip, caption, source }) => [id, clip, caption, source])).toEqual([
      ['a', 'a.mp4', 'A cat.', null],
      ['dog', 'deep/b.webm', 'A dog.', 'own'],
    ])
    expect(problems.map(({ file, row, reason }) => [file.slice(folder.length + 1), row, reason])).toEqual([
      ['c.gif', 2, 'no-caption'],
      ['d.json', 3, 'not-json'],
    ])
  })

  it('of a folder has its clips by their whole names, and takes no folder for a clip', async () => {
    const folder = temporaryFolder()
    const names = [
      'a-b.mp4',
      'a.mp4',
      'a/z.mp4',
      'a/b/c.mp4',
      'a0.mp4',
      'B.mp4',
      'clip.mp4/inside.mp4',
      'é/x.mp4',
      'z.mp4',
    ]
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), '')
      writeFileSync(join(folder, name.replace(/\.mp4$/, '.txt')), 'a cat')
    }
    const { items, problems } = await readClips(folder)
    expect(items.map(({ clip }) => clip)).toEqual(names.toSorted())
    expect(problems).toEqual([])
  })

  it.each<[string, string | Buffer, string]>([
    ['cells that are too many', '1,a.mp4,caption,more', 'wrong-columns'],
    ['no caption', '1,a.mp4,', 'no-caption'],
    ['no clip', '1,,A dog', 'no-clip'],
    ['a clip outside of the folder', '1,../a.mp4,A dog', 'bad-clip'],
    ['a NUL', '1,a.mp4,A \0 dog', 'nul-byte'],
    ['bytes that are no UTF-8', Buffer.from('1,a.mp4,caf\xe9', 'latin1'), 'not-utf8'],
  ])('goes on after a row with %s', async (_, wrong, reason) => {
    const parts = ['id,video,caption\n0,z.mp4,first\n', wrong, '\n2,b.mp4,last\n'].map((part) => Buffer.from(part))
    const file = writeData('clips.csv', Buffer.concat(parts))
    const { items, problems } = await readClips(file)
    expect(items.map(({ caption }) => caption)).toEqual(['first', 'last'])
    expect(problems).toEqual([expect.objectContaining({ file, row: 3, reason })])
  })

  it('tells a quote that is never closed', async () => {
    const { items, problems } = await readClips(
      writeData('clips.csv', 'video,caption\na.mp4,one\nb.mp4,"two\nc.mp4,three'),
    )
    expect(items).toHaveLength(1)
    expect(problems.map(({ reason }) => reason)).toContain('cut-off')
  })

  it('that is damaged or of no known form ends the run with one line', async () => {
    await expect(readClips(writeData('clips.parquet', 'PAR1 but no more'))).rejects.toThrow(/cannot be read as Parquet/)
    await expect(readClips(writeData('clips.xlsx', ''))).rejects.toThrow(/\.csv, \.tsv, \.jsonl, \.json and \.parquet/)
    await expect(readClips('/nowhere/clips.csv')).rejects.toThrow(/ENOENT/)
  })
})

describe('a duration', () => {
  it('is seconds or the ISO form', () => {
    expect([12, '12', '7.5s', 'PT00H01M08S', 'PT1H', 'long', '', 0, null].map(readDuration)).toEqual([
      ...[12, 12, 7.5, 68, 3600],
      ...[null, null, null, null],
    ])
  })
})
