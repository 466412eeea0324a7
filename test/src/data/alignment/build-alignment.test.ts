import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { registerData } from '../../../../src/commands/data.ts'
import { LANGUAGES_FOLDER } from '../../../../src/commands/data-align.ts'
import { type AlignmentRequest, buildAlignmentSet } from '../../../../src/data/alignment/build-alignment.ts'
import type { ClipEye } from '../../../../src/data/alignment/near-clips.ts'
import { LeftOut, type Problem } from '../../../../src/data/left-out.ts'
import type { LanguageWords } from '../../../../src/data/phrases/language-schema.ts'
import { readLanguages } from '../../../../src/data/phrases/read-language.ts'
import type { DataRecord } from '../../../../src/data/record.ts'
import { readRecords, writeData } from '../../../helpers/data-rows.ts'
import { leftBehind } from '../../../helpers/run-cli.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

let languages: ReadonlyMap<string, LanguageWords> = new Map()
beforeAll(async () => {
  languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
})

function requestOf(table: string): AlignmentRequest {
  return {
    ...{ table, clipsFolder: null, languages, language: 'en', target: null },
    rules: { minCount: 1, maxCount: 100, seed: 0 },
    ...{ likeness: { captionLikeness: 0.8, eye: null }, state: null },
  }
}

async function build(table: string, changes: Partial<AlignmentRequest> = {}) {
  const problems: Problem[] = []
  const records: DataRecord[] = []
  const request = { ...requestOf(table), ...changes }
  const leftOut = new LeftOut((problem) => problems.push(problem))
  const counts = await buildAlignmentSet(request, leftOut, async (record) => void records.push(record))
  return { counts, records, problems, left: leftOut.counts, captions: records.map(({ turns }) => turns[0]!.answer) }
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

  it('takes of captions that say nearly the same the first, unless it is told otherwise', async () => {
    const long = 'a red car and a blue bus wait beside an old bridge while two dogs chase one orange ball'
    const captions = [long, `${long} today`, 'a red car']
    const near = await build(table(...captions))
    expect(near.captions).toEqual([long, 'a red car'])
    expect(near.counts).toMatchObject({ nearCaption: 1, sameCaption: 0 })
    const all = await build(table(...captions), { likeness: { captionLikeness: 1, eye: null } })
    expect(all.captions).toEqual(captions)
  })

  it('takes of clips that look the same the first, and leaves out what cannot be looked at', async () => {
    const clips = temporaryFolder()
    for (const name of ['0.mp4', '1.mp4', '2.mp4']) writeFileSync(join(clips, name), name)
    const eye: ClipEye = {
      looksAlike: (a, b) => a.digits === b.digits,
      look: async (path) => (path.endsWith('1.mp4') ? null : { digits: '0f', durationSeconds: 1 }),
    }
    const changes = { clipsFolder: clips, likeness: { captionLikeness: 0.8, eye } }
    const { captions, counts, problems } = await build(table('a dog', 'a cat', 'a cow'), changes)
    expect(captions).toEqual(['a dog'])
    expect(counts).toMatchObject({ nearClip: 1, unreadableClip: 1 })
    expect(problems.map(({ row, reason }) => [row, reason])).toEqual([[2, 'unreadable-clip']])
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

  it('goes on after names that lead to no file: a folder, something below a file, a name that is too long', async () => {
    const clips = temporaryFolder()
    mkdirSync(join(clips, 'folder.mp4'))
    writeFileSync(join(clips, 'a.mp4'), 'a')
    const names = ['folder.mp4', 'a.mp4/b.mp4', `${'x'.repeat(300)}.mp4`, 'a.mp4']
    const rows = names.map((clip, index) => JSON.stringify({ clip, caption: `thing${index}` }))
    const { captions, problems } = await build(writeData('clips.jsonl', rows.join('\n')), { clipsFolder: clips })
    expect(captions).toEqual(['thing3'])
    expect(problems.map(({ row, reason }) => [row, reason])).toEqual([1, 2, 3].map((row) => [row, 'missing-clip']))
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
    [{ likeness: { captionLikeness: 0.4, eye: null } }, /--near 0\.4 does not fit; 0\.5 to 1/],
  ])('cannot be built with %o', async (changes, said) => {
    await expect(build(table('a dog'), changes)).rejects.toThrow(said)
  })

  it('takes no more memory for many rows: tens of thousands stay within some megabytes', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index}.mp4,a thing${index % 5_000} near place${index}`)
    const many = writeData('clips.csv', `clip,caption\n${rows.join('\n')}\n`)
    let written = 0
    const likeness = { captionLikeness: 0.8, eye: null }
    const request = { table: many, clipsFolder: null, languages, language: 'en', target: null, likeness, state: null }
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
    // The sketches have 48 MiB whatever the rows; the tables of these rows take the rest.
    expect(most - before).toBeLessThan(64 * 2 ** 20)
  })
})

describe('a run that was broken off', () => {
  /** Rows of every kind: kept, wrong, twice the same, nearly the same, with a clip that is not there. */
  function mixedTable() {
    const clips = temporaryFolder()
    const rows = Array.from({ length: 300 }, (_, index) => {
      if (index % 50 !== 7) writeFileSync(join(clips, `${index}.mp4`), `${index % 70 === 9 ? 0 : index}`)
      // Two neighbours now and then have eleven of twelve words in common.
      const long = Array.from({ length: 12 }, (_, word) => (word === 11 ? `v${index}` : `w${(index >> 1) * 12 + word}`))
      const plain = index % 30 < 4 ? long.join(' ') : `a thing${index % 40} at ${index}`
      const caption = index % 60 === 11 ? 'a dog' : plain
      return index % 45 === 3 ? 'no JSON' : JSON.stringify({ clip: `${index}.mp4`, caption })
    })
    return { clips, table: writeData('clips.jsonl', rows.join('\n')) }
  }

  it('at any row goes on there and ends with the same set, telling nothing twice', async () => {
    const { clips, table: mixed } = mixedTable()
    const changes = { clipsFolder: clips, rules: { minCount: 2, maxCount: 5, seed: 1 } }
    const whole = await build(mixed, changes)
    expect(whole.counts).toMatchObject({ sameCaption: 4, missingClip: 6, written: expect.any(Number) })
    expect([whole.counts.nearCaption, whole.counts.sameClip, whole.counts.notTaken].every((count) => count > 0)).toBe(
      true,
    )
    let rows = 0
    const state = { path: join(temporaryFolder(), 'set.state'), isDue: () => ++rows % 61 === 0 }
    const told: Problem[] = []
    let stops = 0
    for (const problem of [1, 3, 6, 9, 12]) {
      // As if killed: nothing is saved on the way out, only what was saved before stands.
      const leftOut = new LeftOut((one) => {
        told.push(one)
        if (told.length === problem) throw new Error('killed')
      })
      const request = { ...requestOf(mixed), ...changes, state }
      await expect(buildAlignmentSet(request, leftOut, async () => {})).rejects.toThrow('killed')
      stops += 1
    }
    for (const row of [1, 100, whole.counts.written]) {
      let written = 0
      const write = async () => {
        written += 1
        if (written === row) throw new Error('killed')
      }
      const leftOut = new LeftOut((one) => told.push(one))
      await expect(buildAlignmentSet({ ...requestOf(mixed), ...changes, state }, leftOut, write)).rejects.toThrow(
        'killed',
      )
      stops += 1
    }
    expect(existsSync(state.path)).toBe(true)
    const last = await build(mixed, { ...changes, state })
    expect(stops).toBe(8)
    expect(last.counts).toEqual(whole.counts)
    expect(last.records).toEqual(whole.records)
    expect(last.left).toEqual(whole.left)
    expect(last.problems).toEqual([])
    expect(existsSync(state.path)).toBe(false)
    // Each was told; what was told just before the end may be told again.
    expect(new Set(told.map(({ row }) => row))).toEqual(new Set(whole.problems.map(({ row }) => row)))
  })

  it('keeps how far it was when somebody stops it, and reads no clip again', async () => {
    const { clips, table: mixed } = mixedTable()
    const state = { path: join(temporaryFolder(), 'set.state'), isDue: () => false }
    const stop = new AbortController()
    const looked: string[] = []
    const eye: ClipEye = {
      looksAlike: () => false,
      look: async (path) => {
        looked.push(path)
        if (looked.length === 100) stop.abort(new Error('enough'))
        return { digits: '0f', durationSeconds: 1 }
      },
    }
    const changes = { clipsFolder: clips, likeness: { captionLikeness: 0.8, eye }, state }
    await expect(build(mixed, { ...changes, signal: stop.signal })).rejects.toThrow('enough')
    await build(mixed, changes)
    // Some are looked at ahead of their turn.
    expect(looked.length - new Set(looked).size).toBeLessThan(10)
  })

  it('begins anew for other options, another table, and what is not a state', async () => {
    let rows = 0
    const state = { path: join(temporaryFolder(), 'set.state'), isDue: () => ++rows % 5 === 0 }
    const broken = async (path: string) => {
      const write = async () => {
        throw new Error('killed')
      }
      const request = { ...requestOf(path), state }
      await expect(buildAlignmentSet(request, new LeftOut(), write)).rejects.toThrow('killed')
    }
    await broken(table('a dog', 'a cat'))
    expect((await build(table('a cow', 'a hen'), { state })).captions).toEqual(['a cow', 'a hen'])
    const same = table('a dog', 'a cat', 'a cat on a dog')
    await broken(same)
    const rules = { minCount: 2, maxCount: 100, seed: 0 }
    expect((await build(same, { state, rules })).counts.notTaken).toBe(0)
    for (const content of [
      '',
      'no head',
      '{"order":"LE","tables":[{"name":"a","kind":"Uint8Array","length":9}]}\nshort',
    ]) {
      writeFileSync(state.path, content)
      expect((await build(same, { state })).counts.written).toBe(3)
    }
  })
})

describe('valley data align', () => {
  it('writes a set that training reads, and says what became of the rows', async () => {
    const folder = temporaryFolder()
    const temporary = join(folder, 'tmp')
    mkdirSync(temporary)
    const [out, json] = [join(folder, 'alignment.jsonl'), join(folder, 'counts.json')]
    const clips = table('a dog runs', 'the dog sits', 'a dog on grass', 'a lonely whale')
    const cliArguments = ['data', 'align', clips, out, '--json', json]
    const { status, stdout, stderr } = await runCommand(registerData, cliArguments, { TMPDIR: temporary })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'written: 3 of 4 rows',
      'phrases: 1, of 0 of them captions were drawn',
    ])
    const { items, problems } = await readRecords(out)
    expect(problems).toEqual([])
    expect(items.map(({ turns }) => turns[0]!.answer)).toEqual(['a dog runs', 'the dog sits', 'a dog on grass'])
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      made: { by: 'valley data align', min: 3, max: 100, near: 0.8, seed: 0 },
      ...{ written: 3, notTaken: 1, leftOut: {} },
    })
    expect(leftBehind(temporary)).toEqual([])
  })
})
