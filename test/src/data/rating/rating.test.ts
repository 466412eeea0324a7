import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { registerDataAgreement } from '../../../../src/commands/data-agreement.ts'
import { registerDataRate } from '../../../../src/commands/data-rate.ts'
import { agreementOf, originMeans, tellingOf } from '../../../../src/data/rating/rating-figures.ts'
import { RATING_SCRIPT } from '../../../../src/data/rating/rating-script.ts'
import { readRatings } from '../../../../src/data/rating/read-ratings.ts'
import { llavaRecord } from '../../../helpers/data-rows.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** Words that would tell where a record is from. */
const TELLTALE = ['generated', 'human', 'secret-source', 'secret-task', 'secret-file', 'g-id-', 'h-id-']

async function writePage(folder: string, count = 6) {
  const write = (name: string, id: string, answer: string) => {
    const rows = Array.from({ length: 10 }, (_, index) =>
      llavaRecord(`${id}${index}`, {
        ...{ source: 'secret-source', type: 'secret-task', video: `secret-file-${index}.mp4` },
        conversations: [
          { from: 'human', value: 'What is it?' },
          { from: 'gpt', value: `${answer} ${index} <script>alert(1)</script>` },
        ],
      }),
    )
    writeFileSync(join(folder, name), JSON.stringify(rows))
    return join(folder, name)
  }
  const page = join(folder, 'page.html')
  const sets = ['--generated', write('g.json', 'g-id-', 'It is'), '--human', write('h.json', 'h-id-', 'One sees')]
  const { status, stdout } = await runCommand(
    (program: Command) => registerDataRate(program),
    ['rate', page, ...sets, '--count', String(count), '--seed', '3'],
    {},
  )
  expect(status).toBe(0)
  const key = JSON.parse(readFileSync(`${page}.key.json`, 'utf8'))
  return { text: readFileSync(page, 'utf8'), key, stdout, keyFile: `${page}.key.json` }
}

/** The few parts of a browser that the script uses. */
class Part {
  readonly #heard = new Map<string, () => void>()
  readonly classList = { toggle: () => {} }
  readonly dataset: Record<string, string> = {}
  textContent = ''
  value = ''
  title = ''
  checked = false
  addEventListener(name: string, hear: () => void): void {
    this.#heard.set(name, hear)
  }
  happen(name: string): void {
    this.#heard.get(name)!()
  }
  focus(): void {}
}

/** Runs the page's own script over the page's own form. */
function openInBrowser(text: string, storage: Map<string, string>) {
  const parts = new Map<string, Part>()
  const part = (id: string) => parts.get(id) ?? parts.set(id, new Part()).get(id)!
  part('page').textContent = /<script type="application\/json" id="page">(.*?)<\/script>/s.exec(text)![1]!
  const radios = [...text.matchAll(/<input type="radio"[^>]*>/g)].map(([tag]) => {
    const radio = new Part()
    radio.value = / value="([^"]*)"/.exec(tag)![1]!
    radio.dataset.item = / data-item="([^"]*)"/.exec(tag)![1]!
    radio.dataset.criterion = / data-criterion="([^"]*)"/.exec(tag)![1]!
    if (/ data-number/.test(tag)) radio.dataset.number = ''
    return radio
  })
  const saved: { name: string; text: string }[] = []
  const link = { href: '', download: '', click: () => saved.push({ name: link.download, text: link.href }) }
  runInNewContext(RATING_SCRIPT, {
    document: { getElementById: part, querySelectorAll: () => radios, createElement: () => link },
    localStorage: {
      getItem: (at: string) => storage.get(at) ?? null,
      setItem: (at: string, to: string) => storage.set(at, to),
    },
    URL: { createObjectURL: ({ text: content }: { text: string }) => content, revokeObjectURL: () => {} },
    Blob: class {
      readonly text: string
      constructor([content]: [string]) {
        this.text = content
      }
    },
    setTimeout: () => {},
  })
  const sign = (name: string) => {
    part('rater').value = name
    part('rater').happen('input')
  }
  return { part, radios, saved, sign }
}

describe('the rating page', () => {
  it('shows as many records of each origin, mixed, and nothing that tells which is which', async () => {
    const { text, key, stdout } = await writePage(temporaryFolder())
    expect(stdout).toContain('page.html: 6 records to rate, 3 generated, 3 by people\n')
    const visible = text.replace(/<style>.*?<\/style>/s, '')
    for (const word of TELLTALE) expect(visible, word).not.toContain(word)
    const ids = Object.keys(key.items)
    expect(ids).toHaveLength(6)
    // In the order of their names, which are hashes.
    expect([...text.matchAll(/<article id="item-([0-9a-f]+)"/g)].map(([, id]) => id)).toEqual(ids.toSorted())
    expect(Object.values(key.items).filter((item) => (item as { origin: string }).origin === 'human')).toHaveLength(3)
  })

  it('runs its own script and no other', async () => {
    const { text } = await writePage(temporaryFolder())
    const scripts = [...text.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)]
    expect(scripts.map(([, attributes]) => attributes)).toEqual([' type="application/json" id="page"', ''])
    const hash = createHash('sha256').update(scripts[1]![2]!).digest('base64')
    expect(text).toContain(`script-src &#39;sha256-${hash}&#39;`)
    expect(text.match(/<[^>]*\son\w+=/g)).toBeNull()
  })

  it('keeps what was chosen and saves it as JSON and as CSV, which are read as the same', async () => {
    const folder = temporaryFolder()
    const { text } = await writePage(folder)
    const storage = new Map<string, string>()
    const first = openInBrowser(text, storage)
    expect(first.part('status').textContent).toBe('0 of 6 rated')
    first.part('save-json').happen('click')
    expect([first.saved.length, first.part('status').textContent]).toEqual([
      0,
      'Write your name or a sign of yours first.',
    ])
    // Four radios stand for each scale's "4" and the writer's "a person".
    for (const radio of first.radios) if (['4', 'person'].includes(radio.value)) radio.happen('change')
    expect(first.part('status').textContent).toBe('6 of 6 rated')
    const second = openInBrowser(text, storage)
    expect(second.part('status').textContent).toBe('6 of 6 rated')
    expect(second.radios.filter(({ checked }) => checked)).toHaveLength(6 * 4)
    second.sign('=Ana, "A"')
    second.part('save-json').happen('click')
    second.part('save-csv').happen('click')
    const [json, csv] = second.saved as [{ name: string; text: string }, { name: string; text: string }]
    expect(json.name).toMatch(/^ratings-[0-9a-f]{10}--Ana-A-\.json$/)
    // A spreadsheet would take it for a formula otherwise.
    expect(csv.text).toContain('"\'=Ana, ""A"""')
    const read = async ({ name, text: content }: { name: string; text: string }) => {
      writeFileSync(join(folder, name), content)
      return readRatings([join(folder, name)])
    }
    const ratings = await read(json)
    expect(ratings.raters).toEqual(['=Ana, "A"'])
    expect(ratings.given).toHaveLength(24)
    expect(await read(csv)).toEqual(ratings)
  })
})

/** Ratings as files say them: a row a rater, a sign an item. */
function ratingsOf(
  criterion: string,
  rows: Readonly<Record<string, string>>,
  words: Readonly<Record<string, string>> = {},
) {
  const given = Object.entries(rows).flatMap(([rater, row]) =>
    row.split(' ').flatMap((sign, item) => {
      const value = words[sign] ?? Number(sign)
      return sign === '.' ? [] : [{ rater, item: `i${item}`, criterion, value }]
    }),
  )
  return { page: 'p', raters: Object.keys(rows), given }
}

describe('the agreement of raters', () => {
  it('is that of the published example with four raters and gaps', () => {
    // K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: 0.815 for an order.
    const [fits] = agreementOf(
      ratingsOf('fits', {
        a: '1 2 3 3 2 1 4 1 2 . . .',
        b: '1 2 3 3 2 2 4 1 2 5 . 3',
        c: '. 3 3 3 2 3 4 2 2 5 1 .',
        d: '1 2 3 3 2 4 4 1 2 5 1 .',
      }),
    )
    expect(fits).toMatchObject({
      criterion: 'fits',
      items: 11,
      raters: 4,
      kappa: { kind: 'Fleiss' },
      alpha: { scale: 'ordinal' },
    })
    expect(fits!.alpha.value).toBeCloseTo(0.815, 3)
    const { low, high } = fits!.alpha.interval!
    expect(low < 0.815 && 0.815 < high && high <= 1).toBe(true)
  })

  it("is Cohen's for two raters", () => {
    const row = (...counts: readonly (readonly [sign: string, count: number])[]) =>
      counts.flatMap(([sign, count]) => Array(count).fill(sign)).join(' ')
    // 20 both say yes, 5 the first alone, 10 the second alone, 15 neither.
    const rows = { a: row(['y', 25], ['n', 25]), b: row(['y', 20], ['n', 5], ['y', 10], ['n', 15]) }
    const [writer] = agreementOf(ratingsOf('writer', rows, { y: 'person', n: 'machine' }))
    expect(writer).toMatchObject({ items: 50, raters: 2, kappa: { kind: 'Cohen' }, alpha: { scale: 'nominal' } })
    expect(writer!.agreement.value).toBeCloseTo(0.7, 10)
    expect(writer!.kappa.value).toBeCloseTo(0.4, 10)
  })
})

describe('generated records beside those that people wrote', () => {
  const key = new Map(Array.from({ length: 20 }, (_, item) => [`i${item}`, item < 10 ? 'generated' : 'human'] as const))

  it('differ by the difference of their means, each record counted once', () => {
    const rows = { a: `${'2 '.repeat(10)}${'4 '.repeat(10)}`.trim(), b: `${'3 '.repeat(10)}${'4 '.repeat(10)}`.trim() }
    const [fits] = originMeans(ratingsOf('fits', rows), key)
    expect(fits).toMatchObject({
      criterion: 'fits',
      generated: { value: 2.5, interval: { low: 2.5, high: 2.5 } },
      human: { value: 4 },
      difference: { value: -1.5, interval: { low: -1.5, high: -1.5 } },
    })
  })

  it('are told apart by chance where all are taken for a person’s', () => {
    const words = { p: 'person', u: 'unsure' }
    const telling = tellingOf(ratingsOf('writer', { a: `${'p '.repeat(19)}u` }, words), key)!
    expect(telling).toMatchObject({ told: 19, unsure: 1, generatedTakenForHuman: { value: 1 } })
    expect(telling.right.value).toBeCloseTo(9 / 19, 10)
    expect(tellingOf(ratingsOf('fits', { a: '1 2' }), key)).toBeNull()
  })
})

describe('several raters of one record', () => {
  const key = new Map(Array.from({ length: 40 }, (_, item) => [`i${item}`, 'generated'] as const))
  const words = { m: 'machine', p: 'person' }
  const rightIn25 = `${'m '.repeat(25)}${'p '.repeat(15)}`.trim()

  it('who always say the same are no surer than one of them', () => {
    const one = tellingOf(ratingsOf('writer', { a: rightIn25 }, words), key)!
    const three = tellingOf(ratingsOf('writer', { a: rightIn25, b: rightIn25, c: rightIn25 }, words), key)!
    // Wilson's of 25 in 40, which holds guessing; of 75 in 120 it would not.
    for (const { right, generatedTakenForHuman } of [one, three]) {
      expect(right.value).toBe(0.625)
      expect(right.interval!.low).toBeCloseTo(0.47, 2)
      expect(right.interval!.high).toBeCloseTo(0.758, 2)
      expect(generatedTakenForHuman.interval!.low).toBeCloseTo(1 - 0.758, 2)
      expect(generatedTakenForHuman.interval!.high).toBeCloseTo(1 - 0.47, 2)
    }
    expect(three.told).toBe(120)
  })
})

describe('valley data agreement', () => {
  const agreement = (...files: string[]) =>
    runCommand((program: Command) => registerDataAgreement(program), ['agreement', ...files], {})
  const save = (folder: string, name: string, changes: Record<string, unknown>) => {
    const all = { format: 'valley-ratings', version: 1, page: 'p', rater: name, ratings: [], ...changes }
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(all))
    return join(folder, `${name}.json`)
  }

  it('prints a table of what raters of one page said, and with the key who fares better', async () => {
    const folder = temporaryFolder()
    const { key, keyFile } = await writePage(folder)
    const rated = (fits: number) =>
      Object.keys(key.items).flatMap((item) => [
        { item, criterion: 'fits', value: fits },
        { item, criterion: 'writer', value: key.items[item].origin === 'human' ? 'person' : 'machine' },
      ])
    const files = [
      save(folder, 'ana', { page: key.page, ratings: rated(3) }),
      save(folder, 'ben', { page: key.page, ratings: rated(4) }),
    ]
    const { status, stdout } = await agreement(...files, '--key', keyFile)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^raters: ana, ben\n/)
    expect(stdout).toMatch(/^fits +6 +2 +0\.00 \(0\.00 to 0\.00\) +Cohen 0\.00 /m)
    expect(stdout).toMatch(/^writer +6 +2 +1\.00 \(1\.00 to 1\.00\) +Cohen 1\.00 /m)
    expect(stdout).toMatch(/^fits +3\.50 \(3\.50 to 3\.50\) +3\.50 \(3\.50 to 3\.50\) +0\.00 /m)
    expect(stdout).toMatch(/told rightly: 1\.00 \(0\.61 to 1\.00\); 0\.50 is guessing/)
    const { stdout: json } = await agreement(...files, '--key', keyFile, '--json')
    expect(JSON.parse(json)).toMatchObject({ raters: ['ana', 'ben'], telling: { told: 12, unsure: 0 } })
  })

  it.each<[string, (folder: string) => string[], RegExp]>([
    ['a file that is not there', (folder) => [join(folder, 'none.json')], /cannot be read \(ENOENT\)/],
    [
      'a file of something else',
      (folder) => [save(folder, 'x', { format: 'other' })],
      /holds no ratings of a rating page; /,
    ],
    [
      'ratings of two pages',
      (folder) => [save(folder, 'a', {}), save(folder, 'b', { page: 'q' })],
      /b\.json is of page q, .*a\.json of page p; /,
    ],
    [
      'two files by one rater',
      (folder) => [save(folder, 'a', {}), save(folder, 'b', { rater: 'a' })],
      /b\.json is a second file by a; /,
    ],
    [
      'a value that no scale has',
      (folder) => [save(folder, 'a', { ratings: [{ item: 'i', criterion: 'fits', value: 9 }] })],
      /rates "fits" with 9; 1, 2, 3, 4, 5 are allowed\. /,
    ],
    [
      'a criterion that nobody knows',
      (folder) => [save(folder, 'a', { ratings: [{ item: 'i', criterion: 'x', value: 1 }] })],
      /rates "x" with 1; criteria are fits, /,
    ],
    [
      'a key of something else',
      (folder) => [save(folder, 'a', {}), '--key', save(folder, 'k', {})],
      /is no key of a rating page; /,
    ],
  ])('ends on %s with one line', async (_, files, line) => {
    const { status, stderr } = await agreement(...files(temporaryFolder()))
    expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 })
    expect(stderr).toMatch(/^DATASET_INVALID: /)
    expect(stderr).toMatch(line)
  })
})
