import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerData } from '../../../../src/commands/data.ts'
import { splitOf } from '../../../../src/data/splits/write-splits.ts'
import { llavaRecord, readRecords, writeData } from '../../../helpers/data-rows.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const data = (...words: string[]) => runCommand(registerData, ['data', ...words], { TMPDIR: temporaryFolder() })
const SHARES = { validation: 0.1, test: 0.2 }

describe('the part that a clip is in', () => {
  it('is drawn by the shares, the same each time, another for another seed', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `clip ${index}`)
    const splits = keys.map((key) => splitOf(key, SHARES, 1))
    expect(keys.map((key) => splitOf(key, SHARES, 1))).toEqual(splits)
    expect(keys.map((key) => splitOf(key, SHARES, 2))).not.toEqual(splits)
    const count = (split: string) => splits.filter((one) => one === split).length
    // Five standard deviations of a binomial with 10,000 draws at most.
    expect(Math.abs(count('test') - 2_000)).toBeLessThan(200)
    expect(Math.abs(count('validation') - 1_000)).toBeLessThan(150)
  })

  it('is only train where the others have no share', () => {
    const splits = Array.from({ length: 100 }, (_, index) => splitOf(`${index}`, { validation: 0, test: 0 }, 0))
    expect(new Set(splits)).toEqual(new Set(['train']))
  })
})

describe('valley data split, leaks and card', () => {
  /** 60 clips with three records each; every second clip has a copy under another name. */
  function stage() {
    const [clips, out] = [temporaryFolder(), join(temporaryFolder(), 'my-set')]
    mkdirSync(join(clips, 'copies'))
    const records = Array.from({ length: 60 }, (_, index) => {
      writeFileSync(join(clips, `${index}.mp4`), `clip ${index}`)
      copyFileSync(join(clips, `${index}.mp4`), join(clips, 'copies', `${index}.mp4`))
      const video = `${index}.mp4`
      return [
        llavaRecord(`${index}-a`, { video, type: 'conversation', licence: 'cc-by-4.0' }),
        llavaRecord(`${index}-b`, { video, type: 'detailed-description' }),
        llavaRecord(`${index}-c`, { video: index % 2 === 0 ? `copies/${index}.mp4` : video, type: 'conversation' }),
      ]
    })
    const file = writeData('all.json', JSON.stringify(records.flat()))
    return { clips, out, file, parts: ['train', 'validation', 'test'].map((name) => join(out, `${name}.jsonl`)) }
  }

  it('keep a clip and its copies in one part, and find no leak', async () => {
    const { clips, out, file, parts } = stage()
    const { status, stdout } = await data('split', file, out, '--clips', clips, '--test', '0.3', '--validation', '0.2')
    expect(status).toBe(0)
    const counts = [...stdout.matchAll(/^(?:train|validation|test): (\d+)$/gm)].map(([, count]) => Number(count))
    expect(counts.reduce((sum, count) => sum + count)).toBe(180)
    const sets = await Promise.all(parts.map((part) => readRecords(part)))
    expect(sets.map(({ items }) => items.length)).toEqual(counts)
    const numbers = sets.map(({ items }) => new Set(items.map(({ id }) => id.split('-')[0])))
    expect(numbers.reduce((sum, { size }) => sum + size, 0)).toBe(60)
    expect(await data('leaks', ...parts, '--clips', clips)).toMatchObject({
      status: 0,
      stdout: 'no clip is in more than one set\nleft out: 0\n',
    })
  })

  it('tell a clip that is in two sets under two names', async () => {
    const { clips } = stage()
    const [train, test] = [[llavaRecord('a', { video: '1.mp4' })], [llavaRecord('b', { video: 'copies/1.mp4' })]]
    const files = [writeData('train.json', JSON.stringify(train)), writeData('test.json', JSON.stringify(test))]
    const { status, stdout, stderr } = await data('leaks', ...files, '--clips', clips)
    expect(status).toBe(2)
    expect(stdout).toBe(`${files[1]}: b shows copies/1.mp4, which ${files[0]} has, too\n`)
    expect(stderr).toMatch(/^DATASET_INVALID: 1 records show clips/)
    // By names alone they look like two.
    expect((await data('leaks', ...files)).status).toBe(0)
  })

  it('describe the set with counts, licences, hashes and how it was made', async () => {
    const { out, file, parts } = stage()
    await data('split', file, out)
    const report = writeData('align.json', JSON.stringify({ rows: 200, written: 180 }))
    const { status } = await data('card', out, '--title', 'My | set', '--licence', 'cc-by-4.0', '--made-by', report)
    expect(status).toBe(0)
    const card = readFileSync(join(out, 'README.md'), 'utf8')
    expect(card).toMatch(
      /^---\nlicense: "cc-by-4\.0"\n[\s\S]*- split: train\n {8}path: train\.jsonl\n[\s\S]*\n---\n\n# My \\\| set\n/,
    )
    const { createHash } = await import('node:crypto')
    for (const part of parts) expect(card).toContain(createHash('sha256').update(readFileSync(part)).digest('hex'))
    const cells = (name: string) =>
      new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(card)![1]!.split(' | ').map(Number)
    expect(cells('conversation').reduce((sum, count) => sum + count)).toBe(120)
    expect(cells('detailed-description').reduce((sum, count) => sum + count)).toBe(60)
    expect(cells('cc-by-4.0').reduce((sum, count) => sum + count)).toBe(60)
    expect(card).toContain('"written": 180')
  })

  it.each([
    [['split', 'a.json', 'out', '--test', '0.9', '--validation', '0.1'], /leave nothing to train on/],
    [['card', 'nowhere'], /The folder nowhere cannot be read \(ENOENT\)/],
    [['leaks', 'none.json'], /none\.json cannot be read/],
  ])('end with one line for %s', async (words, line) => {
    const { status, stderr } = await data(...words)
    expect(status).toBe(2)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)])
  })
})
