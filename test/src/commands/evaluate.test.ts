import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { type CliEnd, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
let model = ''

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  model = await buildTinyPackage('mean')
})
afterAll(removeFolder)

/** Writes a suite of two questions about one clip; the clip itself only when it is to be there. */
function writeSuite(name: string, withClip: boolean): string {
  const suite = join(folder, name)
  mkdirSync(suite)
  const questions = [
    { id: 'a', kind: 'things', question: 'What is there?', expected: { things: ['cat'] } },
    { id: 'b', kind: 'presence', question: 'Is there a cat?', expected: { present: true } },
  ]
  const content = { name, description: '', things: ['cat'], clips: [{ file: 'clip.mp4', questions }] }
  writeFileSync(join(suite, 'suite.json'), JSON.stringify(content))
  if (withClip) writeColourClip(join(suite, 'clip.mp4'), 8, LOSSLESS_H264, { width: 64, height: 48 })
  return suite
}

function evaluate(...cliArguments: string[]): Promise<CliEnd> {
  const environment = { VALLEY_MODEL: model }
  return runCli({ cliArguments: ['evaluate', ...cliArguments], temporaryFolder, environment })
}

describe('valley evaluate', () => {
  it('asks a real model and reports; wrong answers are no failure to run', async () => {
    const json = join(folder, 'report.json')
    const { status, stdout, stderr } = await evaluate('--suite', writeSuite('small', true), '--json', json)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    // A model with random weights says nothing that could be right.
    expect(stdout).toMatch(/^small, answered by tiny-mean\n[\s\S]*\nall +2 +0 +0\.0 % {2}0\.0 % to 65\.8 %\n/)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report).toMatchObject({ suite: 'small', model: 'tiny-mean', overall: { questions: 2, right: 0 } })
    expect(report.results.map(({ id }: { id: string }) => id)).toEqual(['a', 'b'])
    expect(leftBehind(temporaryFolder)).toEqual([])
  })

  it('asks only as many questions as it is told', async () => {
    const { status, stdout } = await evaluate('--suite', writeSuite('limited', true), '--limit', '1')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^all +1 /m)
  })

  it('measures a suite in languages, moderation by probabilities, also with frames in a wrong order', async () => {
    const suite = writeSuite('languages', true)
    const file = join(suite, 'suite.json')
    const content = JSON.parse(readFileSync(file, 'utf8'))
    const lexicon = {
      ...{ spaced: true, yes: ['Sí'], no: ['No'], things: { cat: ['gato'] }, settings: {}, colours: {} },
      ...{ cells: {}, directions: {}, numbers: {}, events: {} },
    }
    const asked = (id: string, kind: string, present: boolean) => ({
      ...{ id, kind, language: 'es', question: '¿Hay un gato?', expected: { present } },
    })
    content.languages = { es: lexicon }
    content.goals = { 'moderation, recall at 95 % precision': 0.9 }
    content.clips[0].questions = [
      { ...asked('a', 'presence', true), before: [{ question: '¿Qué ves?', answer: 'Un gato.' }] },
      asked('b', 'moderation', true),
      asked('c', 'moderation', false),
    ]
    writeFileSync(file, JSON.stringify(content))
    const [json, markdown] = [join(folder, 'languages.json'), join(folder, 'languages.md')]
    const files = ['--json', json, '--markdown', markdown]
    const { status, stdout, stderr } = await evaluate('--suite', suite, '--shuffle-frames', ...files)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const table = readFileSync(markdown, 'utf8')
    expect(stdout).toContain(table)
    expect(table).toMatch(/^languages, answered by tiny-mean, frames in a wrong order\n/)
    expect(table).toMatch(/^\| follow-up with reference \| 1 \| /m)
    expect(table).toMatch(/^\| moderation, recall at 95 % precision \| 1 \| .*90\.0 %, /m)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report).toMatchObject({ framesShuffled: true, measures: expect.any(Array) })
    for (const { id, probability } of report.results) {
      if (id === 'a') expect(probability).toBeUndefined()
      else expect(probability).toBeGreaterThan(0)
    }
  })

  it.each<[string, () => string[], RegExp]>([
    ['a missing clip', () => ['--suite', writeSuite('broken', false)], /^CLIP_MISSING: /],
    ['a folder without a suite', () => ['--suite', join(folder, 'none')], /^CONFIG_INVALID: The suite .*--suite; /],
    ['a limit of 0', () => ['--limit', '0'], /^CONFIG_INVALID: valley evaluate: --limit is 0; /],
    [
      'a report that cannot be written',
      () => ['--suite', writeSuite('unwritten', true), '--limit', '1', '--json', join(folder, 'none', 'report.json')],
      /^CONFIG_INVALID: The report cannot be written to /,
    ],
  ])('ends on %s with one line and status 2', async (_, makeArguments, line) => {
    const { status, stderr } = await evaluate(...makeArguments())
    expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 })
    expect(stderr).toMatch(line)
    expect(leftBehind(temporaryFolder)).toEqual([])
  })
})
