import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DataRecord } from '../../../../src/data/record.ts'
import { openRecordWriter } from '../../../../src/data/write/open-record-writer.ts'
import { openTarShards } from '../../../../src/data/write/tar-shards.ts'
import { readClips, readRecords } from '../../../helpers/data-rows.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const RECORDS: readonly DataRecord[] = [
  {
    id: 'a',
    clip: { kind: 'video', files: ['webvid/1.mp4'] },
    source: 'webvid',
    turns: [{ question: '<video>\nWhat?', answer: 'Zwei Vögel, "鳥".' }],
    extra: { gt_label: 'birds' },
  },
  {
    id: 'b/2',
    clip: { kind: 'image', files: ['1.jpg', '2.jpg'] },
    source: null,
    turns: [
      { question: 'What?\n<image>', answer: 'A cat.' },
      { question: 'Where?', answer: 'Here.' },
    ],
    extra: {},
  },
  { id: 'c', clip: null, source: null, turns: [{ question: 'Hello?', answer: 'Hello.' }], extra: {} },
]

async function write(file: string, clipsFolder: string | null = null): Promise<void> {
  const writer = await openRecordWriter(file, { clipsFolder })
  for (const record of RECORDS) await writer.write(record)
  await writer.finish()
}

describe('records', () => {
  it.each(['rows.jsonl', 'rows.json'])('come back from %s as they were', async (name) => {
    const file = join(temporaryFolder(), name)
    await write(file)
    expect(await readRecords(file, 'valley-702k')).toEqual({ items: RECORDS, problems: [] })
  })

  it('stand in JSON as the published sets write them', async () => {
    const file = join(temporaryFolder(), 'rows.json')
    await write(file)
    expect(JSON.parse(readFileSync(file, 'utf8'))[0]).toEqual({
      id: 'a',
      video: '1.mp4',
      source: 'webvid',
      gt_label: 'birds',
      conversations: [
        { from: 'human', value: '<video>\nWhat?' },
        { from: 'gpt', value: 'Zwei Vögel, "鳥".' },
      ],
    })
  })

  it('become a table of Parquet, with nothing for what a record lacks', async () => {
    const file = join(temporaryFolder(), 'rows.parquet')
    await write(file)
    const { parquetReadObjects, asyncBufferFromFile } = await import('hyparquet')
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) })
    expect(rows.map(({ id, video, image, source }) => ({ id, video, image, source }))).toEqual([
      { id: 'a', video: '1.mp4', image: null, source: 'webvid' },
      { id: 'b/2', video: null, image: '["1.jpg","2.jpg"]', source: null },
      { id: 'c', video: null, image: null, source: null },
    ])
    expect(JSON.parse(rows[0]!.conversations)).toEqual([
      { from: 'human', value: '<video>\nWhat?' },
      { from: 'gpt', value: 'Zwei Vögel, "鳥".' },
    ])
  })

  it('become archives that tar itself unpacks, each record beside its clip', async () => {
    const [clips, out] = [temporaryFolder(), temporaryFolder()]
    execFileSync('mkdir', [join(clips, 'webvid')])
    // One of exactly a block, one of a byte more, and an empty one.
    for (const [file, size] of [
      ['webvid/1.mp4', 512],
      ['1.jpg', 513],
      ['2.jpg', 0],
    ] as const) {
      writeFileSync(join(clips, file), Buffer.alloc(size, 7))
    }
    await write(join(out, 'rows.tar'), clips)
    expect(readdirSync(out)).toEqual(['rows-000000.tar'])
    execFileSync('tar', ['xf', join(out, 'rows-000000.tar'), '-C', out])
    expect(readdirSync(out).filter((name) => !name.endsWith('.tar'))).toEqual([
      '000000000.json',
      '000000000.mp4',
      '000000001.0.jpg',
      '000000001.1.jpg',
      '000000001.json',
      '000000002.json',
    ])
    expect(readFileSync(join(out, '000000001.0.jpg'))).toEqual(Buffer.alloc(513, 7))
    expect(readFileSync(join(out, '000000001.1.jpg'))).toHaveLength(0)
    expect(JSON.parse(readFileSync(join(out, '000000002.json'), 'utf8'))).toMatchObject({ id: 'c' })
  })

  it('go on in the next shard when one is full', async () => {
    const out = temporaryFolder()
    const writer = await openTarShards(join(out, 'rows.tar'), null, 1)
    for (const record of RECORDS) await writer.write(record)
    await writer.finish()
    expect(readdirSync(out)).toEqual(['rows-000000.tar', 'rows-000001.tar', 'rows-000002.tar'])
  })

  it('leave no file behind when the writing is given up', async () => {
    for (const name of ['rows.jsonl', 'rows.json', 'rows.parquet', 'rows.tar']) {
      const out = temporaryFolder()
      const writer = await openRecordWriter(join(out, name), { clipsFolder: null })
      await writer.write(RECORDS[0]!)
      await writer.abandon()
      expect(readdirSync(out)).toEqual([])
    }
  })

  it('leave no shard behind that was whole already', async () => {
    const out = temporaryFolder()
    const writer = await openTarShards(join(out, 'rows.tar'), null, 1)
    for (const record of RECORDS) await writer.write(record)
    await writer.abandon()
    expect(readdirSync(out)).toEqual([])
  })

  it('are refused under a name whose form is not known', async () => {
    await expect(write(join(temporaryFolder(), 'rows.xml'))).rejects.toThrow(/\.jsonl, \.json, \.parquet and \.tar/)
  })

  it('of thousands fill a table of Parquet group by group', async () => {
    const file = join(temporaryFolder(), 'rows.parquet')
    const writer = await openRecordWriter(file, { clipsFolder: null })
    const count = 25_001
    for (let index = 0; index < count; index++) await writer.write({ ...RECORDS[0]!, id: String(index) })
    await writer.finish()
    // A dataset has no captions, so that each of its rows is told; the last one shows that all were read.
    const { problems } = await readClips(file)
    expect(problems).toHaveLength(count)
    expect(problems.at(-1)).toMatchObject({ row: count, reason: 'no-caption' })
  })
})
