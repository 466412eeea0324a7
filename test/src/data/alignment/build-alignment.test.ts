import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { LANGUAGES_FOLDER } from '../../../../src/commands/data-align.ts'
import { type AlignmentRequest, buildAlignmentSet } from '../../../../src/data/alignment/build-alignment.ts'
import { LeftOut, type Problem } from '../../../../src/data/left-out.ts'
import type { LanguageWords } from '../../../../src/data/phrases/language-schema.ts'
import { readLanguages } from '../../../../src/data/phrases/read-language.ts'
import type { DataRecord } from '../../../../src/data/record.ts'
import { readRecords, writeData } from '../../../helpers/data-rows.ts'
import { leftBehind, runCli } from '../../../helpers/run-cli.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

let languages: ReadonlyMap<string, LanguageWords> = new Map()
beforeAll(async () => {
  languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
})

async function build(table: string, changes: Partial<AlignmentRequest> = {}) {
  const problems: Problem[] = []
  const records: DataRecord[] = []
  const request = {
    ...{ table, clipsFolder: null, languages, language: 'en', target: null },
    rules: { minCount: 1, maxCount: 100, seed: 0 },
    ...changes,
  }
  const leftOut = new LeftOut((problem) => problems.push(problem))
  const counts = await buildAlignmentSet(request, leftOut, async (record) => void records.push(record))
  return { counts, records, problems, captions: records.map(({ turns }) => turns[0]!.answer) }
}

const table = (...captions: readonly string[]) =>
  writeData(
    'clips.jsonl',
    captions.map((caption, index) => `${JSON.stringify({ clip: `${index}.mp4`, caption })}\n`).join(''),
  )

describe('an alignment set', () => {
  it('asks of each clip in one of many ways, with the mark after the question, and answers by the caption', async () => {
    const captions = Array.from({ length: 200 }, (_, index) => `Thing${index} on a table`)
    const { records } = await build(table(...captions))
    const questions = records.map(({ turns }) => turns[0]!.question)
    const pool = languages.get('en')!.videoQuestions.map((question) => `${question}\n<video>`)
    expect(new Set(questions)).toEqual(new Set(pool))
    expect(records.map(({ id, clip, turns }) => [id, clip!.files[0], turns[0]!.answer])).toEqual(
      captions.map((caption, index) => [String(index), `${index}.mp4`, caption]),
    )
  })

  it('drops what only rare phrases speak of', async () => {
    const rules = { minCount: 2, maxCount: 100, seed: 0 }
    const { captions, counts } = await build(table('a red car runs', 'blue sky', 'the red car stops'), { rules })
    expect(captions).toEqual(['a red car runs', 'the red car stops'])
    expect(counts).toMatchObject({ rows: 3, notTaken: 1, written: 2, phrases: 1, cappedPhrases: 0 })
  })

  it('takes of captions that say the same in other order and articles the first, and counts it once', async () => {
    const { captions, counts } = await build(table('a dog and the cat', 'The cat, a dog!', 'a dog'))
    expect(captions).toEqual(['a dog and the cat', 'a dog'])
    expect(counts).toMatchObject({ rows: 3, sameCaption: 1, written: 2 })
  })

  it('speaks the language of each row', async () => {
    const rows = [
      { clip: 'a.mp4', caption: 'A dog', language: 'en' },
      { clip: 'b.jpg', caption: 'Ein Hund', language: 'de' },
      { clip: 'c.mp4', caption: '一只狗' },
    ]
    const { records } = await build(writeData('clips.json', JSON.stringify(rows)), { language: 'zh' })
    const questions = records.map(({ turns }) => turns[0]!.question.split('\n'))
    expect(languages.get('en')!.videoQuestions).toContain(questions[0]![0])
    expect(languages.get('de')!.imageQuestions).toContain(questions[1]![0])
    expect(questions[1]![1]).toBe('<image>')
    expect(languages.get('zh')!.videoQuestions).toContain(questions[2]![0])
  })

  it('leaves out clips that are not there, and those whose bytes were there under another name', async () => {
    const clips = temporaryFolder()
    for (const [name, content] of [
      ['0.mp4', 'a'],
      ['1.mp4', 'b'],
      ['3.mp4', 'a'],
    ] as const)
      writeFileSync(join(clips, name), content)
    const { captions, counts, problems } = await build(table('a dog', 'a cat', 'a cow', 'a hen'), {
      clipsFolder: clips,
    })
    expect(captions).toEqual(['a dog', 'a cat'])
    expect(counts).toMatchObject({ sameClip: 1, written: 2 })
    expect(problems).toEqual([expect.objectContaining({ row: 3, reason: 'missing-clip', seen: '2.mp4' })])
  })

  it('ends the walk at the target: the rarest are in it, and it is exact', async () => {
    const captions = [
      ...Array.from({ length: 30 }, (_, index) => `a dog with kite${index}`),
      ...Array.from({ length: 10 }, (_, index) => `the cat, plate${Math.floor(index / 2)}, w${index % 2}x`),
    ]
    for (const target of [1, 7, 29, 30, 31, 33, 40, 400]) {
      const { captions: taken, counts } = await build(table(...captions), { target })
      expect(taken).toHaveLength(Math.min(target, captions.length))
      expect(counts.behindTarget).toBe(captions.length - taken.length)
      // Kites are in one caption each, plates in two: kites come first.
      const kites = taken.filter((caption) => caption.includes('kite')).length
      expect(kites).toBe(Math.min(target, 30))
    }
  })

  it('tells wrong rows once, though it reads the table several times', async () => {
    const { problems, counts } = await build(
      writeData('clips.csv', 'clip,caption\na.mp4,a dog\nb.mp4,\nc.mp4,a cat,more\n'),
    )
    expect(problems.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'no-caption'],
      [4, 'wrong-columns'],
    ])
    expect(counts).toMatchObject({ rows: 1, written: 1 })
  })

  it.each([
    [{ language: 'xx' }, /language xx is not known; de, en, es, zh are/],
    [{ rules: { minCount: 5, maxCount: 4, seed: 0 } }, /--min 5, --max 4/],
    [{ target: 0 }, /--target 0/],
  ])('cannot be built with %o', async (changes, said) => {
    await expect(build(table('a dog'), changes)).rejects.toThrow(said)
  })

  it('takes no more memory for many rows: tens of thousands stay within some megabytes', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index}.mp4,a thing${index % 5_000} near place${index}`)
    const many = writeData('clips.csv', `clip,caption\n${rows.join('\n')}\n`)
    let written = 0
    const request = { table: many, clipsFolder: null, languages, language: 'en', target: null }
    let most = 0
    const onProgress = () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }
    const before = process.memoryUsage().arrayBuffers
    await buildAlignmentSet(
      { ...request, onProgress, rules: { minCount: 3, maxCount: 100, seed: 0 } },
      new LeftOut(),
      async () => {
        written += 1
      },
    )
    expect(written).toBe(20_000)
    // The sketch has 16 MiB whatever the rows; the tables of these rows take the rest.
    expect(most - before).toBeLessThan(40 * 2 ** 20)
  })
})

describe('valley data align', () => {
  it('writes a set that training reads, and says what became of the rows', async () => {
    const folder = temporaryFolder()
    const temporary = join(folder, 'tmp')
    mkdirSync(temporary)
    const [out, json] = [join(folder, 'alignment.jsonl'), join(folder, 'counts.json')]
    const clips = table('a dog runs', 'the dog sits', 'a dog on grass', 'a lonely whale')
    const { status, stdout, stderr } = await runCli({
      cliArguments: ['data', 'align', clips, out, '--json', json],
      temporaryFolder: temporary,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'written: 3 of 4 rows',
      'phrases: 1, of 0 of them captions were drawn',
    ])
    const { items, problems } = await readRecords(out)
    expect(problems).toEqual([])
    expect(items.map(({ turns }) => turns[0]!.answer)).toEqual(['a dog runs', 'the dog sits', 'a dog on grass'])
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ written: 3, notTaken: 1, leftOut: {} })
    expect(leftBehind(temporary)).toEqual([])
  })
})
