import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClipAnswerer } from '../../../../src/answering/clip-answerer.ts'
import { withSpans } from '../../../../src/commands/clip-spans.ts'
import { withPictureFolders } from '../../../../src/commands/picture-folders.ts'
import { weigherOf } from '../../../../src/commands/weigh-beginnings.ts'
import type { Answerer } from '../../../../src/conversation/answerer.ts'
import { locateLocalClip } from '../../../../src/conversation/locate-clip.ts'
import { openEngine } from '../../../../src/engine/engine.ts'
import { AppError } from '../../../../src/errors.ts'
import { AnswerLog } from '../../../../src/evaluation/benchmark/answer-log.ts'
import type { AskRequest } from '../../../../src/evaluation/benchmark/ask-questions.ts'
import { measureBenchmark } from '../../../../src/evaluation/benchmark/benchmark-measures.ts'
import type { BenchmarkQuestion } from '../../../../src/evaluation/benchmark/benchmark-question.ts'
import { ClipFinder } from '../../../../src/evaluation/benchmark/clip-finder.ts'
import { measuresAsPng, measuresAsSvg } from '../../../../src/evaluation/benchmark/draw-measures.ts'
import { chooseQuestions, planRun } from '../../../../src/evaluation/benchmark/plan-run.ts'
import { runBenchmark } from '../../../../src/evaluation/benchmark/run-benchmark.ts'
import { DEFAULT_SEARCH_PATH } from '../../../../src/video/ffmpeg-process.ts'
import { type OpenClip, openClip } from '../../../../src/video/open-clip.ts'
import { FakeAnswerer, questionText } from '../../../helpers/fake-answerer.ts'
import { INSTALLED_TOOLS, LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../../helpers/make-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { buildTinyPackage } from '../../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
let answerer: ClipAnswerer
const opened: OpenClip[] = []
const sampled: number[][] = []

beforeAll(async () => {
  writeColourClip(join(folder, 'one.mp4'), 20, LOSSLESS_H264, { width: 64, height: 48 })
  answerer = new ClipAnswerer({
    engine: openEngine({ packageDirectory: await buildTinyPackage('mean'), threads: 1 }),
    locateClip: locateLocalClip,
    downloadClip: () => Promise.reject(new Error('every clip is here')),
    openClip: async (path, signal, limits) => {
      const open = withPictureFolders(async (file) => {
        const one = await openClip(file, { tools: { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH }, signal })
        opened.push(one)
        return one
      })
      const clip = await withSpans(open)(path, signal, limits)
      return {
        ...{ kind: clip.kind, info: clip.info, contentHash: clip.contentHash },
        sample: (recipe) => {
          const pictures = clip.sample(recipe)
          sampled.push(pictures.map(({ timeSeconds }) => timeSeconds))
          return pictures
        },
        decode: (pictures, options) => clip.decode(pictures, options),
        decodeTiny: (size, options) => clip.decodeTiny(size, options),
        close: () => clip.close(),
        [Symbol.asyncDispose]: () => clip.close(),
      }
    },
  })
})
afterAll(async () => {
  await answerer.close()
  removeFolder()
})

const OPTIONS = [
  { label: 'A', text: 'red' },
  { label: 'B', text: 'a rather long way to say blue' },
]
const choice = (id: string, changes: Partial<BenchmarkQuestion> = {}): BenchmarkQuestion => ({
  ...{ id, group: 'g', clip: { name: 'one' }, questions: ['What comes?'] },
  expected: { kind: 'choice', options: OPTIONS, right: 0 },
  ...changes,
})

async function run(questions: readonly BenchmarkQuestion[], changes: Partial<AskRequest> = {}, file = '') {
  const log = await AnswerLog.open(file === '' ? join(temporaryFolder(), 'answers.jsonl') : file)
  const request = {
    set: 's',
    method: 'answer',
    isPlain: false,
    fingerprint: 'f',
    answerer,
    weigh: weigherOf(answerer),
    log,
  } as const
  const plan = planRun(questions, { find: ({ name }) => (name === 'gone' ? null : join(folder, `${name}.mp4`)) })
  return runBenchmark(plan, { ...request, ...changes }, { judge: null, judgedAtOnce: 2 })
}

describe('a run over a set', () => {
  it('takes choices from the probabilities of a real model: by their labels, or by their words for each token', async () => {
    const question = { threadId: 't', options: {} }
    const clip = { id: 'clip-1', platform: 'file', handle: join(folder, 'one.mp4') }
    const asked = (words: string) => [
      { role: 'user' as const, content: [{ type: 'clip', clip } as const, { type: 'text', text: words } as const] },
    ]
    const prompt =
      'What comes?\n(A) red\n(B) a rather long way to say blue\nAnswer with the letter of the right option alone.'
    const words = OPTIONS.flatMap(({ text }) => [text, ` ${text}`])
    const { scores } = await answerer.score({ ...question, messages: asked(prompt) }, words)
    const perToken = scores.map(({ logProbability, tokenIds }) => logProbability / tokenIds.length)
    const likeliest = Math.max(perToken[0]!, perToken[1]!) >= Math.max(perToken[2]!, perToken[3]!) ? 'A' : 'B'
    const byWords = await run([choice('1')], { method: 'likelihood' })
    expect(byWords.scored).toMatchObject([{ chosen: likeliest, said: [], chance: 0.5 }])
    const byLabel = await run([choice('1')], { method: 'first-token' })
    expect(['A', 'B']).toContain(byLabel.scored[0]!.chosen)
    expect(byLabel.model).toBe('tiny-mean')
  })

  it('looks at no more than the part of a clip that is asked about, and keeps it apart from the whole', async () => {
    sampled.length = 0
    const part = choice('part', { clip: { name: 'one', span: { fromSeconds: 0.3, toSeconds: 0.5 } } })
    const late = choice('late', { clip: { name: 'one', span: { fromSeconds: 90, toSeconds: 99 } } })
    const { scored, unreadable } = await run([part, late], { method: 'first-token' })
    expect([scored.length, unreadable]).toEqual([2, []])
    const [within, beyond] = sampled as [number[], number[]]
    expect(within.length).toBeGreaterThan(1)
    for (const time of within) expect(time >= 0.3 - 1e-6 && time <= 0.5 + 1e-6).toBe(true)
    // Nothing lies there: the last picture stands for it.
    const timeline = opened.at(-1)!.info.timeline.timesSeconds
    expect(beyond).toEqual([timeline.at(-1)])
  })

  it('takes a folder of pictures for a clip, in the order of their numbers', async () => {
    const clips = temporaryFolder()
    const pictures = join(clips, 'tvqa/frames_fps3_hq/s01_clip_00')
    mkdirSync(pictures, { recursive: true })
    // Ten is after nine, whatever the alphabet says.
    for (const number of [1, 2, 9, 10]) {
      const create = { width: 8, height: 6, channels: 3 as const, background: { r: number * 20, g: 0, b: 0 } }
      await sharp({ create })
        .png()
        .toFile(join(pictures, `${number}.png`))
    }
    const path = (await ClipFinder.open(clips)).find({ name: 's01_clip_00', folders: ['tvqa/frames_fps3_hq'] })
    const open = withSpans(
      withPictureFolders((file, signal) =>
        openClip(file, { tools: { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH }, signal }),
      ),
    )
    const clip = await open(`${path}#t=0.5,1`, new AbortController().signal, {})
    expect([clip.kind, clip.info.durationSeconds]).toEqual(['video', 4 / 3])
    const sampledPictures = clip.sample({ mode: 'uniform', count: 8 })
    const reds: [number, number][] = []
    for await (const { timeSeconds, rgb } of clip.decode(sampledPictures)) reds.push([timeSeconds, rgb[0]!])
    expect(reds).toEqual([
      [2 / 3, 180],
      [1, 200],
    ])
  })

  it('asks nothing again that is written down, and what was torn off in the middle anew', async () => {
    const file = join(temporaryFolder(), 'answers.jsonl')
    const fake = new FakeAnswerer(() => ({ say: 'red' }))
    await run([choice('1'), choice('2')], { answerer: fake }, file)
    const [first, second] = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, `${first}\n${second!.slice(0, 30)}`)
    const { scored } = await run([choice('1'), choice('2')], { answerer: fake }, file)
    expect(scored.map(({ isRight }) => isRight)).toEqual([true, true])
    expect(fake.questions.map(({ threadId }) => threadId)).toEqual(['1', '2', '2'].map((id) => `evaluation:${id}:0`))
    expect(fake.forgotten).toHaveLength(3)
    // Another model, another way to ask, or other words are other questions.
    await run([choice('1')], { answerer: fake, fingerprint: 'other' }, file)
    await run([choice('1', { questions: ['What goes?'] })], { answerer: fake }, file)
    await run([choice('1')], { answerer: fake, isPlain: true }, file)
    expect(fake.questions).toHaveLength(6)
    expect(questionText(fake.questions.at(-1)!)).toBe('[clip-1] What comes?')
  })

  it('goes on after clips that are missing or broken, and ends on anything else', async () => {
    const fake = new FakeAnswerer((question) =>
      questionText(question).includes('broken') ? { fail: new AppError('CLIP_UNREADABLE', 'x') } : { say: 'A' },
    )
    const questions = [choice('1', { clip: { name: 'gone' } }), choice('2', { questions: ['broken?'] }), choice('3')]
    const { scored, missing, unreadable } = await run(questions, { answerer: fake })
    expect([scored.map(({ id }) => id), missing.map(({ id }) => id)]).toEqual([['3'], ['1']])
    expect(unreadable).toMatchObject([{ asked: { id: '2' }, code: 'CLIP_UNREADABLE' }])
    const failing = new FakeAnswerer(() => ({ fail: new AppError('INFERENCE_FAILED', 'broken model') }))
    await expect(run([choice('1')], { answerer: failing })).rejects.toThrow('broken model')
  })

  it('keeps no answer that was broken off', async () => {
    const file = join(temporaryFolder(), 'answers.jsonl')
    const stop = new AbortController()
    const stopping: Pick<Answerer, 'answer' | 'forget'> = {
      async *answer(question, signal) {
        for await (const event of new FakeAnswerer(() => ({ say: 'red or so' })).answer(question, signal)) {
          yield event
          stop.abort(new Error('enough'))
        }
      },
      forget: async () => {},
    }
    await expect(run([choice('1')], { answerer: stopping, signal: stop.signal }, file)).rejects.toThrow('enough')
    expect(existsSync(file)).toBe(false)
  })
})

describe('the questions of a limited run', () => {
  it('are spread over the set, with pairs whole', () => {
    const singles = Array.from({ length: 100 }, (_, index) => choice(String(index)))
    expect(chooseQuestions(singles, 4).map(({ id }) => id)).toEqual(['0', '25', '50', '75'])
    expect(chooseQuestions(singles, null)).toHaveLength(100)
    const halves = singles.map((one, index) => ({
      ...one,
      pair: {
        id: String(Math.floor(index / 2)),
        part: index % 2 === 0 ? ('basic' as const) : ('hallucination' as const),
      },
    }))
    expect(chooseQuestions(halves, 4).map(({ id }) => id)).toEqual(['0', '1', '50', '51'])
  })
})

describe('the clips of a set', () => {
  it('are found where the set says, then by their name, whatever they end in, and never outside', async () => {
    const clips = temporaryFolder()
    for (const name of ['a/x.mp4', 'b/x.avi', 'Deep/er/y.WEBM', 'notes.txt']) {
      mkdirSync(join(clips, name, '..'), { recursive: true })
      writeFileSync(join(clips, name), '')
    }
    const finder = await ClipFinder.open(clips)
    const find = (name: string, ...folders: string[]) => finder.find({ name, folders })?.slice(clips.length + 1) ?? null
    expect(find('x', 'b')).toBe('b/x.avi')
    expect(find('x.mp4')).toBe('a/x.mp4')
    expect(find('y')).toBe('Deep/er/y.WEBM')
    expect(finder.find({ name: 'vid1', alsoNamed: ['y'] })).toBe(join(clips, 'Deep/er/y.WEBM'))
    expect(find('notes')).toBeNull()
    expect(find('../../etc/passwd')).toBeNull()
  })
})

describe('the picture of the figures', () => {
  it('has a bar as long as the figure and no tag that a name brings in', async () => {
    const one = (id: string, isRight: boolean) => ({
      ...{ id, group: `<script>"${id}"`, clip: 'c', questions: ['?'], expected: 'x', said: [], chosen: 'A', isRight },
    })
    const measures = measureBenchmark([one('1', true), one('2', true), one('2', false)])
    const svg = measuresAsSvg(measures)
    expect(svg).not.toContain('<script>')
    // 400 pixels are all; the third bar is two of three.
    expect([...svg.matchAll(/<rect x="340" y="\d+" width="([\d.]+)"/g)].map(([, width]) => width)).toEqual([
      ...['400.0', '200.0', '266.7'],
    ])
    const { format, height } = await sharp(await measuresAsPng(measures)).metadata()
    expect({ format, height }).toEqual({ format: 'png', height: 3 * 24 + 2 * 48 })
  })
})
