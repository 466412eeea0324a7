import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerData } from '../../../src/commands/data.ts'
import { llavaRecord, readRecords } from '../../helpers/data-rows.ts'
import { leftBehind } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function stage() {
  const folder = temporaryFolder()
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const data = (...cliArguments: string[]) => runCommand(registerData, ['data', ...cliArguments], { TMPDIR: temporary })
  const write = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(value))
    return join(folder, name)
  }
  return { folder, temporary, data, write }
}

describe('valley data check', () => {
  it('tells what a set holds, and each record that is wrong with its row', async () => {
    const { data, write, temporary } = stage()
    const file = write('chat.json', [llavaRecord('a'), llavaRecord('b', { image: 'b.jpg' }), llavaRecord('c')])
    const { status, stdout, stderr } = await data('check', file, '--layout', 'valley-702k')
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^left out: .*chat\.json row 2: two-clips, seen .*; a record has one clip, a video or images\n$/,
    )
    expect(stdout.split('\n')).toEqual([
      'records: 2 (2 with a video, 0 with images, 0 of words alone)',
      '  from webvid: 2',
      'turns: 2, answers of 2.0 words on average',
      'left out: 1',
      '  two-clips: 1',
      '',
    ])
    expect(leftBehind(temporary)).toEqual([])
  })

  it('prints an object for programs', async () => {
    const { data, write } = stage()
    const { stdout } = await data('check', write('chat.json', [llavaRecord('a'), 1]), '--json')
    expect(JSON.parse(stdout)).toMatchObject({ records: 1, videos: 1, leftOut: { 'not-json': 1 } })
  })

  it('tells the first twenty wrong records and counts the others', async () => {
    const { data, write } = stage()
    const { stdout, stderr } = await data(
      'check',
      write(
        'chat.json',
        Array.from({ length: 50 }, (_, index) => index),
      ),
    )
    expect(stderr.trimEnd().split('\n')).toHaveLength(21)
    expect(stdout).toContain('left out: 50\n')
  })

  it.each([
    [['check', 'none.json'], /^DATASET_INVALID: none\.json cannot be read \(ENOENT\)/],
    [['check', 'none.json', '--layout', 'coco'], /^DATASET_INVALID: The layout coco is not known; llava, valley-702k/],
    [['check', 'none.json', '--clips', 'no-clips'], /^DATASET_INVALID: --clips no-clips is no folder \(ENOENT\)/],
    [
      ['align', 'none.csv', 'out.jsonl', '--clips', 'README.md'],
      /^DATASET_INVALID: --clips README\.md is no folder \(a file\)/,
    ],
    [['convert', 'none.json', 'out.xml'], /^DATASET_INVALID: out\.xml has no ending/],
  ])('ends with one line for %s', async (words, line) => {
    const { status, stderr } = await stage().data(...words)
    expect(status).toBe(2)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)])
  })
})

describe('valley data convert', () => {
  it('writes lines that can be read again, without what is wrong', async () => {
    const { data, write, folder } = stage()
    const file = write('chat.json', [llavaRecord('a', { video: '7' }), 'words', llavaRecord('c', { source: 'own' })])
    const out = join(folder, 'deep', 'rows.jsonl')
    const { status, stdout } = await data('convert', file, out, '--layout', 'valley-702k')
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'written: 2\nleft out: 1\n  not-json: 1\n' })
    expect(
      readFileSync(out, 'utf8')
        .split('\n')
        .map((line) => line && JSON.parse(line).video),
    ).toEqual(['7.mp4', 'birds.mp4', ''])
    const { items } = await readRecords(out, 'valley-702k')
    expect(items.map(({ clip }) => clip!.files)).toEqual([['webvid/7.mp4'], ['own/birds.mp4']])
  })

  it.each(['rows.jsonl', 'rows.json', 'rows.parquet'])('tells at once that a folder is called %s', async (name) => {
    const { data, write, folder } = stage()
    mkdirSync(join(folder, name))
    const { status, stderr } = await data('convert', write('chat.json', [1]), join(folder, name))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^DATASET_INVALID: .*rows\.\w+ cannot be written \(a folder has that name\); .*\n$/)
    expect(readdirSync(folder).toSorted()).toEqual(['chat.json', name, 'tmp'].toSorted())
  })

  it('leaves nothing behind when it cannot go on', async () => {
    const { data, folder } = stage()
    const { status } = await data('convert', join(folder, 'none.json'), join(folder, 'rows.jsonl'))
    expect(status).toBe(2)
    expect(readdirSync(folder)).toEqual(['tmp'])
  })
})
