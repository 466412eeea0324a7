// A published set through the command, in the process of the test: the real tiny model, a clip of a real codec, files made up
// in the published form, and a judge on the loopback. What a run does in all its ways is in run-benchmark.test.ts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerEvaluate } from '../../../src/commands/evaluate.ts'
import { startChat } from '../../doubles/chat-completions/chat-double.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const videos = join(folder, 'videos')
let [model, annotations] = ['', '']

beforeAll(async () => {
  const clips = join(videos, 'video/star/Charades_v1_480')
  mkdirSync(clips, { recursive: true })
  writeColourClip(join(clips, 'one.mp4'), 8, LOSSLESS_H264, { width: 64, height: 48 })
  writeFileSync(join(videos, 'broken.mp4'), 'no clip')
  const asked = (video: string, answer: string) => ({
    ...{ video, question: 'What comes?', candidates: ['red', 'blue'], answer },
  })
  annotations = join(folder, 'action_sequence.json')
  const rows = [
    { ...asked('one.mp4', 'red'), start: 0.1, end: 0.2 },
    asked('one.mp4', 'blue'),
    asked('gone.mp4', 'red'),
    asked('broken.mp4', 'red'),
    { video: 'one.mp4', question: 'What comes?' },
  ]
  writeFileSync(annotations, JSON.stringify(rows))
  model = await buildTinyPackage('mean')
})
afterAll(removeFolder)

async function evaluate(out: string, ...cliArguments: string[]) {
  const environment = { VALLEY_MODEL: model, VALLEY_DATA_DIR: join(folder, 'data'), VALLEY_GENERATOR_KEY: 'judge-key' }
  const where = ['--videos', videos, '--out', join(folder, out)]
  const end = await runCommand(registerEvaluate, ['evaluate', ...cliArguments, ...where], environment)
  const file = join(folder, out, 'report.json')
  return { ...end, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null }
}

describe('valley evaluate with a set', () => {
  it('prints the table, says what could not be asked, and needs no new answers when a judge comes in', async () => {
    const first = await evaluate('out', 'mvbench', '--annotations', annotations)
    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' })
    expect(first.stdout).toMatch(
      /^MVBench, answered by tiny-mean \(answer\)\n\n +measure +group +cases +value +95 % interval\n1 +right +all +2 +0\.0 % +0\.0 % to 65\.8 %\n/,
    )
    expect(first.stdout).toContain('answered: 2 of 4 questions of the set, ')
    expect(first.stdout).toContain('right by guessing: 50.0 %\n')
    expect(first.stdout).toContain('questions whose clip is missing: 1 (gone.mp4)\n')
    expect(first.stdout).toContain('questions whose clip cannot be read: 1 (broken.mp4 (CLIP_NOT_VIDEO))\n')
    expect(first.stdout).toContain('rows of the files that are no question: 1\n')
    // The words of a random model are no option.
    expect(first.stdout).toContain('answers that choose nothing by rule, counted as wrong: 2\n')
    const kept = readFileSync(join(folder, 'out/answers.jsonl'), 'utf8')
    expect(kept.trimEnd().split('\n')).toHaveLength(2)

    const chat = await startChat(() => '{"option": "A"}')
    const judge = ['--judge', chat.url, '--judge-model', 'judge-1']
    const second = await evaluate('out', 'mvbench', '--annotations', annotations, ...judge)
    expect(second.stdout).toMatch(/^MVBench, answered by tiny-mean \(answer\), judged by judge-1\n/)
    expect(second.report.results.map(({ isRight }: { isRight: boolean }) => isRight)).toEqual([true, false])
    expect(second.report.spent).toMatchObject({ asked: 2, remembered: 0 })
    expect(chat.seen[0]!.authorization).toBe('Bearer judge-key')
    const third = await evaluate('out', 'mvbench', '--annotations', annotations, ...judge)
    expect(third.report.spent).toMatchObject({ asked: 0, remembered: 2 })
    expect(readFileSync(join(folder, 'out/answers.jsonl'), 'utf8')).toBe(kept)

    const closed = await startChat(() => ({ fault: { status: 403 } }))
    const other = ['--judge', closed.url, '--judge-model', 'judge-2']
    const refused = await evaluate('out', 'mvbench', '--annotations', annotations, ...other)
    expect(refused.stderr).toMatch(/^GENERATOR_REFUSED: The language model refuses with 403/)
    expect(refused.status).toBe(1)
  })

  it.each<[string, () => readonly string[], RegExp]>([
    ['a set that nobody knows', () => ['coco'], /^BENCHMARK_INVALID: The set coco is not known; msvd-qa, /],
    ['no files', () => ['mvbench'], /^BENCHMARK_INVALID: valley evaluate mvbench has no --annotations; /],
    ['axes without a judge', () => ['video-chatgpt', '--annotations', 'x'], /^BENCHMARK_INVALID: .* has no --judge, /],
    [
      'a score that does not suit',
      () => ['msvd-qa', '--score', 'likelihood'],
      /^BENCHMARK_INVALID: --score likelihood /,
    ],
    [
      'a judge without a name',
      () => ['msvd-qa', '--annotations', 'x', '--judge', 'http://localhost:1/v1'],
      /^BENCHMARK_INVALID: .*--judge-model missing.* do not fit; /,
    ],
    ['a suite beside a set', () => ['mvbench', '--suite', 'x'], /^CONFIG_INVALID: valley evaluate: --suite is given /],
    [
      'clips that are not there',
      () => ['mvbench', '--annotations', annotations, '--videos', join(folder, 'none')],
      /^BENCHMARK_INVALID: The folder .*none cannot be read \(ENOENT\); /,
    ],
  ])('ends on %s with one line and status 2', async (_, cliArguments, line) => {
    const environment = { VALLEY_MODEL: model }
    const videosFirst = ['evaluate', '--videos', videos, '--out', join(folder, 'wrong'), ...cliArguments()]
    const { status, stderr } = await runCommand(registerEvaluate, videosFirst, environment)
    expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 })
    expect(stderr).toMatch(line)
  })

  it('ends where not one clip is there', async () => {
    const file = join(folder, 'gone_qa.json')
    writeFileSync(file, JSON.stringify([{ video_id: 'gone', question: 'what?', answer: 'x' }]))
    const { stderr } = await evaluate('gone', 'msrvtt-qa', '--annotations', file)
    expect(stderr).toMatch(/^BENCHMARK_INVALID: None of the 1 clips asked for is below .*, the first of them gone; /)
  })
})
