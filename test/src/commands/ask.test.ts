import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOSSLESS_H264, makeTestFolder, runFfmpeg, writeColourClip } from '../../helpers/make-clips.ts'
import { type CliEnd, type CliRequest, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const clip = join(folder, 'clip.mp4')
let model = ''

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  writeColourClip(clip, 20, LOSSLESS_H264, { width: 64, height: 48 })
  model = await buildTinyPackage('mean')
})
afterAll(removeFolder)

function run(cliArguments: string[], more: Partial<CliRequest> = {}): Promise<CliEnd> {
  return runCli({ cliArguments, temporaryFolder, environment: { VALLEY_MODEL: model }, ...more })
}

/** Runs `valley ask --json` and reads the one object it prints. */
async function askJson(...cliArguments: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await run(['ask', '--json', ...cliArguments])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(leftBehind(temporaryFolder)).toEqual([])
  return JSON.parse(stdout) as Record<string, unknown>
}

describe('valley ask', () => {
  it('prints one JSON object about a real mp4 and nothing else', async () => {
    const report = await askJson(clip, 'What is in the clip?', '--frames', '3', '--max-tokens', '8')
    expect(Object.keys(report).sort()).toEqual([
      'answer',
      'finish',
      'frames',
      'model',
      'promptTokenIds',
      'reusedTokens',
      'timingsMs',
      'tokenIds',
      'tokensPerSecond',
    ])
    // Three moments of 20 pictures at 10 a second, from the first at 0 s to the last at 1.9 s; the picture seen at 0.95 s
    // is the one of 0.9 s.
    expect(report.frames).toEqual([0, 0.9, 1.9].map((timeSeconds) => ({ clipId: 'clip-1', timeSeconds })))
    expect(report.model).toBe('tiny-mean')
    expect((report.tokenIds as number[]).length).toBeLessThanOrEqual(8)
    const stages = [
      'probe',
      'decode',
      'preprocess',
      'encode',
      'project',
      'pool',
      'prompt',
      'prefill',
      'generate',
      'total',
    ]
    expect(Object.keys(report.timingsMs as object).sort()).toEqual(stages.sort())
  }, 60_000)

  it('gives the same tokens for the same seed, and in the same words with and without --json', async () => {
    const question = [clip, 'What is it?', '--max-tokens', '12', '--temperature', '1.5', '--seed', '3']
    const first = await askJson(...question)
    const second = await askJson(...question)
    expect(second.tokenIds).toEqual(first.tokenIds)
    const { status, stdout } = await run(['ask', ...question])
    expect(status).toBe(0)
    // Control characters, which a random model does utter, are not let through to a terminal.
    const visible = (text: unknown) =>
      String(text)
        .replace(/[^\x20-\x7e]/g, '')
        .trim()
    expect(visible(stdout)).toBe(visible(first.answer))
  }, 60_000)

  it('adds the tensors of the answer with --probe', async () => {
    const report = await askJson(clip, 'What?', '--frames', '2', '--max-tokens', '1', '--probe')
    const manifest = JSON.parse(readFileSync(join(model, 'manifest.json'), 'utf8'))
    const { imagePixels, patches } = manifest.vision
    const { width, vocabulary } = manifest.language
    expect(shapeOf(report.pixelValues)).toEqual([1, 2, 3, imagePixels, imagePixels])
    expect(shapeOf(report.visualFeatures)).toEqual([1, patches + 2, width])
    expect(shapeOf(report.firstStepLogits)).toEqual([vocabulary])
  }, 60_000)

  it('takes a whole conversation from a file, with paths relative to it', async () => {
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'video', path: 'clip.mp4' },
          { type: 'text', text: 'What is it?' },
        ],
      },
      { role: 'assistant', content: 'A ball.' },
      { role: 'user', content: [{ type: 'text', text: 'What colour?' }] },
    ]
    writeFileSync(join(folder, 'messages.json'), JSON.stringify(messages))
    const report = await askJson('--messages', join(folder, 'messages.json'), '--max-tokens', '2')
    expect((report.frames as unknown[]).length).toBeGreaterThan(0)
    const alone = await askJson(clip, 'What is it?', '--max-tokens', '2')
    expect((report.promptTokenIds as number[]).length).toBeGreaterThan((alone.promptTokenIds as number[]).length)
  }, 60_000)

  it('takes a file name that begins with a dash after --', async () => {
    copyFileSync(clip, join(folder, '-i.mp4'))
    const { status, stderr } = await run(['ask', '--max-tokens', '1', '--', '-i.mp4', 'What?'], {
      workingFolder: folder,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }, 60_000)
})

describe('bad input ends valley ask with one line, leaving nothing behind', () => {
  const path = (name: string) => join(folder, name)
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text)
    return [path(name), 'What?']
  }
  const cases: [name: string, code: string, status: number, prepare: () => string[]][] = [
    ['a text file', 'CLIP_NOT_VIDEO', 2, () => write('text.mp4', 'This is no video at all, whatever it is called.\n')],
    ['zero bytes', 'CLIP_', 2, () => write('empty.mp4', '')],
    [
      'a truncated file',
      'CLIP_UNREADABLE',
      2,
      () => {
        copyFileSync(clip, path('cut.mp4'))
        truncateSync(path('cut.mp4'), 1500)
        return [path('cut.mp4'), 'What?']
      },
    ],
    [
      'a file with no video stream',
      'CLIP_',
      2,
      () => {
        runFfmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', '-y', path('sound.mp4')])
        return [path('sound.mp4'), 'What?']
      },
    ],
    ['a concat list named .mp4', 'CLIP_NOT_VIDEO', 2, () => write('list.mp4', 'ffconcat version 1.0\nfile clip.mp4\n')],
    ['a playlist named .mp4', 'CLIP_NOT_VIDEO', 2, () => write('play.mp4', '#EXTM3U\n#EXTINF:1,\nclip.mp4\n')],
    [
      'a picture of 16384 x 8640 pixels',
      'CLIP_TOO_MANY_PIXELS',
      2,
      () => {
        const black = 'color=black:size=16384x8640,format=monob'
        runFfmpeg(['-f', 'lavfi', '-i', black, '-frames:v', '1', '-c:v', 'png', '-y', path('huge.png')])
        return [path('huge.png'), 'What?']
      },
    ],
    [
      'a clip of 100 hours',
      'CLIP_TOO_LONG',
      2,
      () => {
        const still = 'color=black:size=32x32:rate=1/3600:duration=360000'
        runFfmpeg(['-f', 'lavfi', '-i', still, ...LOSSLESS_H264, '-y', path('long.mp4')])
        return [path('long.mp4'), 'What?']
      },
    ],
    ['a file that is not there', 'CLIP_MISSING', 2, () => [path('nowhere.mp4'), 'What?']],
    ['a missing model', 'PACKAGE_MISSING', 1, () => [clip, 'What?', '--model', path('no-model')]],
    [
      'a model package with a wrong hash',
      'PACKAGE_CORRUPT',
      1,
      () => {
        cpSync(model, path('wrong-hash'), { recursive: true })
        const weights = join(path('wrong-hash'), 'weights.data')
        const bytes = readFileSync(weights)
        bytes[bytes.length >> 1]! ^= 1
        writeFileSync(weights, bytes)
        return [clip, 'What?', '--model', path('wrong-hash')]
      },
    ],
    [
      'a question of a million characters',
      'QUESTION_TOO_LONG',
      2,
      () => {
        const content = [
          { type: 'video', path: clip },
          { type: 'text', text: 'why '.repeat(250_000) },
        ]
        writeFileSync(path('million.json'), JSON.stringify([{ role: 'user', content }]))
        return ['--messages', path('million.json')]
      },
    ],
    [
      'a messages file with several mistakes',
      'QUESTION_INVALID',
      2,
      () => {
        writeFileSync(path('wrong.json'), '[{"role": "robot", "content": 3}]')
        return ['--messages', path('wrong.json')]
      },
    ],
    ['no question', 'QUESTION_INVALID', 2, () => [clip]],
    ['more frames than the model takes', 'QUESTION_INVALID', 2, () => [clip, 'What?', '--frames', '1000']],
    ['an option that does not exist', 'CONFIG_INVALID', 2, () => [clip, 'What?', '--colour', 'red']],
  ]
  it.each(cases)(
    '%s: %s',
    async (_, code, status, prepare) => {
      const end = await run(['ask', '--json', ...prepare()])
      expect(end).toMatchObject({ status, stdout: '' })
      expect(end.stderr).toMatch(/^[A-Z_]+: [^\n]+\n$/)
      expect(end.stderr.startsWith(code)).toBe(true)
      expect(end.stderr).not.toMatch(/ at .*\.ts:\d+/)
      expect(leftBehind(temporaryFolder)).toEqual([])
    },
    60_000,
  )

  it('shows the stack only to who looks for a fault', async () => {
    const environment = { VALLEY_MODEL: model, VALLEY_LOG_LEVEL: 'debug' }
    const { status, stderr } = await run(['ask', join(folder, 'nowhere.mp4'), 'What?'], { environment })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^CLIP_MISSING: [^\n]+\nAppError/)
  }, 60_000)
})

describe('a signal while a clip is read', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends valley ask with status %i and leaves nothing behind',
    async (signal, status) => {
      // Long enough in pictures that decoding is still under way when the signal comes.
      const long = join(folder, 'minutes.mp4')
      const source = 'testsrc2=size=640x360:rate=30:duration=120'
      if (!existsSync(long)) runFfmpeg(['-f', 'lavfi', '-i', source, '-preset', 'ultrafast', '-y', long])
      const end = await run(['ask', long, 'What?'], {
        onStart: (child) => {
          const timer = setInterval(() => {
            if (!readdirSync(temporaryFolder).some((name) => name.startsWith('valley-clip-'))) return
            child.kill(signal)
            clearInterval(timer)
          }, 5)
          child.once('exit', () => clearInterval(timer))
        },
      })
      expect(end).toEqual({ status, stdout: '', stderr: '' })
      expect(leftBehind(temporaryFolder)).toEqual([])
    },
    120_000,
  )
})

it('every command explains itself with an example', async () => {
  const commands = [[], ['ask'], ['chat'], ['demo'], ['doctor'], ['evaluate'], ['model'], ['model', 'build']]
  for (const command of [...commands, ['model', 'list'], ['model', 'verify']]) {
    const { status, stdout, stderr } = await run([...command, '--help'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: valley/)
    expect(stdout).toMatch(/Examples?:\n {2}\$ valley /)
  }
}, 120_000)

it('does not mind a reader that leaves early', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" --import tsx src/cli.ts --help | true`], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}, 60_000)

/** Lengths along the first elements, outermost first. */
function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []
}
