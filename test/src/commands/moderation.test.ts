import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPolicyFile } from '../../../src/moderation/policy.ts'
import { Database } from '../../../src/storage/database.ts'
import { SqliteModerationStore } from '../../../src/storage/moderation-store.ts'
import { LOSSLESS_H264, makeTestFolder, solidPicture, writeClip } from '../../helpers/make-clips.ts'
import { type CliEnd, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const rules = join(folder, 'rules.yaml')
const flashing = join(folder, 'flashing.mp4')
const steady = join(folder, 'steady.mp4')
let model = ''

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  writeFileSync(
    rules,
    'rules:\n  - { name: flashes, category: flashing-light }\n  - { name: fences, lookFor: [a fence] }\n',
  )
  // A change each tenth of a second makes five flashes a second.
  writeGrey(flashing, (picture) => (picture % 2) * 255)
  writeGrey(steady, () => 128)
  model = await buildTinyPackage('mean')
})
afterAll(removeFolder)

function writeGrey(path: string, greyOf: (picture: number) => number): void {
  const grey = Array.from({ length: 20 }, (_, picture) => greyOf(picture))
  const pictures = grey.map((value) => solidPicture(32, 24, [value, value, value]))
  writeClip({ path, width: 32, height: 24, pictures, options: LOSSLESS_H264 })
}

function moderation(...cliArguments: string[]): Promise<CliEnd> {
  const environment = { VALLEY_MODEL: model }
  return runCli({ cliArguments: ['moderation', ...cliArguments], temporaryFolder, environment })
}

describe('valley moderation try', () => {
  it('shows rule, score, span and frames of what it finds', async () => {
    const { status, stdout, stderr } = await moderation('try', flashing, '--rules', rules)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^rules [0-9a-f]{12}, model tiny-mean, clip of 2\.0 s\n/)
    expect(stdout).toContain('alert  flashes  1.00  0:00-0:02  frames at 0.1, 1.9 s  5 general flashes a second\n')
    expect(stdout).toMatch(/\nhighest scores: flashes 1\.00, fences [01]\.\d\d\n$/)
    expect(leftBehind(temporaryFolder)).toEqual([])
  })

  it('says that it finds nothing, and prints an object for programs', async () => {
    const quiet = join(folder, 'quiet.yaml')
    writeFileSync(quiet, 'rules:\n  - { name: flashes, category: flashing-light }\n')
    const { stdout } = await moderation('try', steady, '--rules', quiet)
    expect(stdout.split('\n').slice(1)).toEqual(['nothing found', 'highest scores: flashes 0.00', ''])
    const json = await moderation('try', steady, '--rules', quiet, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ findings: [], scores: { flashes: 0 }, model: 'tiny-mean' })
  })

  it.each<[string, () => string[], RegExp]>([
    [
      'rules that are not there',
      () => [steady, '--rules', join(folder, 'none')],
      /^POLICY_INVALID: The rules .*ENOENT/,
    ],
    ['a clip that is not there', () => [join(folder, 'none.mp4'), '--rules', rules], /^CLIP_MISSING: /],
  ])('ends on %s with one line', async (_, makeArguments, line) => {
    const { status, stderr } = await moderation('try', ...makeArguments())
    expect(status).not.toBe(0)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)])
    expect(leftBehind(temporaryFolder)).toEqual([])
  })
})

it('valley moderation try says that a calibration was measured with other questions', async () => {
  const stale = join(folder, 'stale.yaml')
  const calibration = 'calibration: { model: tiny-mean, slope: 1, offset: 0, measuredWith: "0123456789ab" }'
  writeFileSync(stale, `rules:\n  - { name: fences, lookFor: [a fence], ${calibration} }\n`)
  const { status, stdout, stderr } = await moderation('try', steady, '--rules', stale)
  expect(status).toBe(0)
  expect(stderr).toMatch(
    /^calibration: not used for fences: measured with other questions.* Calibrate again: [^\n]+\n$/,
  )
  expect(stdout).not.toContain('calibrated')
})

describe('valley moderation replay', () => {
  it('measures rules on labelled clips, leaves out what cannot be read, and draws the curves', async () => {
    const clips = ['flashing.mp4\n    shows: [flashes]', 'steady.mp4', 'rules.yaml']
    writeFileSync(join(folder, 'labels.yaml'), `clips:\n${clips.map((clip) => `  - file: ${clip}\n`).join('')}`)
    const [picture, json] = [join(folder, 'curves.png'), join(folder, 'report.json')]
    const [markdown, calibrated] = [join(folder, 'table.md'), join(folder, 'calibrated.yaml')]
    const { status, stdout, stderr } = await moderation(
      ...['replay', folder, '--rules', rules, '--picture', picture, '--json', json],
      ...['--markdown', markdown, '--write-rules', calibrated],
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      expect.stringMatching(/^rules [0-9a-f]{12}, model tiny-mean, 2 of 3 clips looked at$/),
      'not looked at: rules.yaml (CLIP_NOT_VIDEO)',
      '1. flashes: touched by 1 of 2 clips',
      '   note  from 0.50: precision 1.00, recall 1.00 (1 right, 0 wrong, 0 missed)',
      '   alert from 0.80: precision 1.00, recall 1.00 (1 right, 0 wrong, 0 missed)',
      '   average precision 1.00, Brier score 0.00, calibration error 0.00',
      '   calibration: none',
    ])
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 632, height: 316 })
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report.remarks).toHaveLength(2)
    expect(readFileSync(markdown, 'utf8')).toContain('| flashes | 2 | 1 | 1.00 (0.21 to 1.00) | 1.00 (0.21 to 1.00) |')
    // Flashes are measured and two clips without a fence calibrate nothing: the rules stay as they were written.
    const rewritten = await readPolicyFile(calibrated)
    expect(rewritten.version).toBe((await readPolicyFile(rules)).version)
    expect(report.rules[0].scores).toEqual([
      { score: 1, isPositive: true },
      { score: 0, isPositive: false },
    ])
    expect(leftBehind(temporaryFolder)).toEqual([])
  })

  it('measures rules on the verdicts of moderators where no folder is named', async () => {
    const database = await Database.open({ file: join(temporaryFolder, 'data', 'valley.db') })
    const store = new SqliteModerationStore(database)
    const post = { groupId: 'pager:1', channelId: 'pager:2', authorId: 'pager:7', roleIds: [], postedAtMs: 0 }
    const clips = ['right', 'wrong', 'asked otherwise'].map((messageId) => {
      const clip = { platform: 'pager', handle: messageId }
      return { post: { ...post, messageId }, clip, reportTo: 'pager:3' }
    })
    await store.addClips(clips)
    const { version } = await readPolicyFile(rules)
    for (const [id, score] of [
      [1, 0.9],
      [2, 0.6],
      [3, 0.7],
    ] as const) {
      const policyVersion = id === 3 ? 'v' : version
      const looked = { contentHash: String(id), policyVersion, model: 'tiny-mean', findings: [], notLookedAt: [] }
      const pictureHash = { digits: '', durationSeconds: 1 }
      const outcome = { kind: 'looked', ...looked, pictureHash, scores: {}, description: '' } as const
      await store.finish(id, outcome, [{ rule: 'fences', score, picture: null }])
      await store.decide(id, id === 1 ? 'confirmed' : 'dismissed', 'pager:8')
    }
    database.close()
    const { status, stdout, stderr } = await moderation('replay', '--rules', rules)
    rmSync(join(temporaryFolder, 'data'), { recursive: true })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('2 verdicts of moderators, 0 of other rules or models left out\n')
    expect(stdout).toContain('1 left out since their scores are of other questions, windows, frames or calibrations\n')
    expect(stdout).toContain('2. fences: touched by 1 of 2 clips\n')
    expect(stdout).toContain('   alert from 0.80: precision 1.00, recall 1.00 (1 right, 0 wrong, 0 missed)\n')
  })
})

describe('valley moderation notice', () => {
  it('prints what people should know, in their language', async () => {
    const { stdout } = await moderation('notice', '--locale', 'es')
    expect(stdout).toMatch(/^Valley, un programa .* 30 días.*\n$/)
    expect(leftBehind(temporaryFolder)).toEqual([])
  })
})
