import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { LANGUAGES_FOLDER } from '../../../../src/commands/data-align.ts'
import { registerDataReport } from '../../../../src/commands/data-report.ts'
import { readLanguages } from '../../../../src/data/phrases/read-language.ts'
import { Histogram, NameCounts } from '../../../../src/data/quality/distributions.ts'
import { escapeHtml, html, jsonForScript } from '../../../../src/data/quality/html.ts'
import { measureQuality } from '../../../../src/data/quality/measure-quality.ts'
import { StreamSample } from '../../../../src/data/quality/record-sample.ts'
import type { DataRecord } from '../../../../src/data/record.ts'
import { llavaRecord } from '../../../helpers/data-rows.ts'
import { LOSSLESS_H264, writeColourClip } from '../../../helpers/make-clips.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** What a caption may hold that wants to be more than text. */
const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>" onload="x\'`</dd></article>&amp;'

async function* records(count: number, make: (index: number) => Partial<DataRecord>): AsyncGenerator<DataRecord> {
  for (let index = 0; index < count; index++) {
    const turns = [{ question: 'What flies?\n<video>', answer: 'A bird flies over the sea.' }]
    yield {
      ...{ id: String(index), clip: { kind: 'video', files: ['a.mp4'] }, source: null, turns, extra: {} },
      ...make(index),
    }
  }
}

describe('the numbers of a dataset', () => {
  it('count all records, and languages and phrases of a sample', async () => {
    const languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
    const spanish = [{ question: '¿Qué se ve en el vídeo?', answer: 'Hay un gato que va a la casa.' }]
    const made = records(100, (index) => ({
      extra: { type: index < 30 ? 'conversation' : 'causal', duration: index < 50 ? 3 : 700 },
      ...(index % 2 === 0 ? { turns: [...spanish, ...spanish] } : {}),
    }))
    const quality = await measureQuality(made, { languages, sampleSize: 1000, seed: 1 })
    expect(quality).toMatchObject({
      records: 100,
      sampled: 100,
      turns: [
        { name: '1', count: 50 },
        { name: '2', count: 50 },
      ],
      // Six words in English, eight in Spanish, which is said twice.
      answerWords: [{ name: '6 to 10', count: 150 }],
      tasks: [
        { name: 'causal', count: 70 },
        { name: 'conversation', count: 30 },
      ],
      statedDurations: [
        { name: '2 to 4 s', count: 50 },
        ...Array(8).fill(expect.objectContaining({ count: 0 })),
        { name: '600 to 1799 s', count: 50 },
      ],
      // All of one language say the same.
      sameWords: 100,
    })
    expect(quality.meanAnswerWords).toBeCloseTo((50 * 6 + 100 * 8) / 150)
    expect(quality.languages.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'en', count: 50 },
      { name: 'es', count: 50 },
    ])
    expect(quality.phrases.find(({ name }) => name === 'bird')?.count).toBe(50)
    expect(quality.phrases.find(({ name }) => name === 'gato')?.count).toBe(50)
  })

  it('take the same sample for the same seed, of each record with the same chance', () => {
    const draw = (seed: number) => {
      const sample = new StreamSample<number>(1000, seed)
      for (let item = 0; item < 10_000; item++) sample.offer(item)
      return sample.items()
    }
    expect(draw(3)).toEqual(draw(3))
    expect(draw(4)).not.toEqual(draw(3))
    const first = draw(3)
    expect([first.length, new Set(first).size]).toEqual([1000, 1000])
    // Half of them from the first half, within five standard deviations of a binomial.
    const early = first.filter((item) => item < 5000).length
    expect(Math.abs(early - 500)).toBeLessThan(5 * Math.sqrt(1000 / 4))
  })

  it('keep nothing of what has passed but the sample', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
    const heapBytes: number[] = []
    const made = records(40_000, (index) => {
      if (index % 10_000 === 9_999) {
        collectGarbage()
        heapBytes.push(process.memoryUsage().heapUsed)
      }
      // Long words that nobody else shares: kept, these would be 20 MB between two looks.
      return { id: `${index}-${'x'.repeat(2000)}`, source: `source ${index}`, extra: { type: `type ${index}` } }
    })
    await measureQuality(made, { languages, sampleSize: 100, seed: 1 })
    expect(heapBytes[3]! - heapBytes[0]!).toBeLessThan(4e6)
  })

  it('stand in bars that hold every number once, in memory that does not grow with the names', () => {
    const histogram = new Histogram([0, 1, 5])
    for (const value of [-1, 0, 1, 4, 5, 99]) histogram.add(value)
    expect(histogram.bars()).toEqual([
      { name: '0', count: 2 },
      { name: '1 to 4', count: 2 },
      { name: '5 and more', count: 2 },
    ])
    expect([histogram.mean, histogram.total]).toEqual([18, 6])
    const names = new NameCounts()
    for (let index = 0; index < 2000; index++) names.add(`name ${index}`)
    names.add('name 7')
    expect(names.bars(1)).toEqual([
      { name: 'name 7', count: 2 },
      { name: 'others', count: 1999 },
    ])
  })
})

describe('text of strangers in a page', () => {
  it('is text: no sign of HTML is left in it', () => {
    expect(escapeHtml(HOSTILE)).not.toMatch(/[<>"'`]/)
    expect(html`<p title="${HOSTILE}">${[html`<b>${'<i>'}</b>`, 2]}</p>`.html).toMatch(
      /^<p title="[^<>"]*"><b>&#60;i&#62;<\/b>2<\/p>$/,
    )
    expect(escapeHtml('a\0b\u001bc\td')).toBe('a�b�c\td')
  })

  it('ends no script that it stands in as JSON', () => {
    const text = jsonForScript({ a: '</script><!--\u2028' })
    expect(text).not.toMatch(/[<>\u2028]/)
    expect(JSON.parse(text)).toEqual({ a: '</script><!--\u2028' })
  })
})

describe('valley data report', () => {
  const report = (...cliArguments: string[]) =>
    runCommand((program: Command) => registerDataReport(program), ['report', ...cliArguments], {})

  it('writes one page with bars, storyboards and dialogues, that runs and loads nothing', async () => {
    const folder = temporaryFolder()
    const clips = join(folder, 'clips')
    mkdirSync(clips)
    writeColourClip(join(clips, 'birds.mp4'), 12, LOSSLESS_H264, { width: 64, height: 48 })
    writeFileSync(join(clips, 'broken.mp4'), 'no clip')
    const file = join(folder, 'set.json')
    const conversations = [
      { from: 'human', value: `What is it? ${HOSTILE}` },
      { from: 'gpt', value: HOSTILE },
    ]
    writeFileSync(
      file,
      JSON.stringify([
        llavaRecord('a', { type: HOSTILE, conversations }),
        llavaRecord(HOSTILE, { video: 'broken.mp4' }),
        llavaRecord('c', { video: 'gone.mp4' }),
      ]),
    )
    const { status, stdout, stderr } = await report(file, '--clips', clips, '--title', HOSTILE)
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${file}.report.html: 2 records, 2 shown\nleft out: 1\n  missing-clip: 1\n`,
    })
    expect(stderr).toMatch(/^left out: .* row 3: missing-clip/)
    const page = readFileSync(`${file}.report.html`, 'utf8')
    expect(page).toContain('default-src &#39;none&#39;; img-src data:;')
    expect(page.match(/<(script|iframe|object|link|form|base)\b/g)).toBeNull()
    expect(page.match(/<[^>]*\son\w+=/g)).toBeNull()
    expect(page.match(/(?:src|href)="(?!data:image\/png;base64,)/g)).toBeNull()
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(1)
    expect(page).toContain('The clip cannot be shown: CLIP_NOT_VIDEO')
    expect(page).toContain('1.2 s')
    expect(page.match(/<svg /g)!.length).toBeGreaterThan(7)
  })

  it.each([
    [['none.json'], /^DATASET_INVALID: none\.json cannot be read \(ENOENT\)/],
    [['none.json', '--sample', '0'], /^DATASET_INVALID: --sample 0 does not fit; /],
  ])('ends with one line for %s', async (words, line) => {
    const { status, stderr } = await report(...words)
    expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 })
    expect(stderr).toMatch(line)
  })
})
