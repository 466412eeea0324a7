import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDemoScript } from '../../../src/commands/demo-script.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const model = join(folder, 'model')
const clip = join(model, 'demo', 'ball.mp4')
const QUESTIONS = ['What is in the clip?', 'Where does it move?', 'How many are there?', 'What came first?']

function writeScript(script: unknown): void {
  writeFileSync(join(model, 'demo', 'demo.json'), typeof script === 'string' ? script : JSON.stringify(script))
}

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  cpSync(await buildTinyPackage('mean'), model, { recursive: true })
  mkdirSync(join(model, 'demo'))
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
})
afterAll(removeFolder)

describe('valley demo', () => {
  it('asks every bundled question, shows the times of each answer, and says what the model is not', async () => {
    writeScript({ clip: 'ball.mp4', turns: QUESTIONS })
    const { status, stdout, stderr } = await runCli({ cliArguments: ['demo', '--model', model], temporaryFolder })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const question of QUESTIONS) expect(stdout).toContain(`\n> ${question}\n`)
    expect(stdout).toMatch(/^stage \(ms\) +answer 1 +answer 2 +answer 3 +answer 4$/m)
    expect(stdout).toContain('knows nothing of camera footage')
    expect(stdout).toContain('valley model pull')
    expect(leftBehind(temporaryFolder)).toEqual([])
  })

  it('fails when a question gets no answer', async () => {
    writeScript([{ clip: 'gone.mp4', turns: QUESTIONS }])
    const { status, stderr } = await runCli({ cliArguments: ['demo', '--model', model], temporaryFolder })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^CLIP_MISSING: Question 1 of 4 about gone\.mp4 got no answer\. [^\n]+\n$/)
  })
})

describe('the script of a demonstration', () => {
  it('holds one scene or several, with questions as text or as objects', async () => {
    writeScript({ clip: 'ball.mp4', turns: ['One?', { question: 'Two?', answer: 'Two.' }] })
    expect(await readDemoScript(model)).toEqual([{ clipPath: clip, questions: ['One?', 'Two?'] }])
    writeScript([
      { clip: 'ball.mp4', turns: ['One?'] },
      { clip: 'dog.gif', turns: ['Two?'] },
    ])
    expect((await readDemoScript(model)).map(({ questions }) => questions)).toEqual([['One?'], ['Two?']])
  })

  it.each([
    ['no JSON', 'clip', 'is not JSON'],
    ['no scene', [], 'holds no scene'],
    ['a clip elsewhere', { clip: '../ball.mp4', turns: ['One?'] }, 'a file beside it'],
    ['no turn', { clip: 'ball.mp4', turns: [] }, 'has no list of turns'],
    ['an empty question', { clip: 'ball.mp4', turns: [' '] }, 'a turn without a question'],
  ])('is refused with %s', async (_, script, words) => {
    writeScript(script)
    const error = await readDemoScript(model).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'PACKAGE_CORRUPT', message: expect.stringContaining(words) })
  })

  it('is missed in a package without one', async () => {
    rmSync(join(model, 'demo', 'demo.json'), { force: true })
    await expect(readDemoScript(model)).rejects.toMatchObject({ code: 'PACKAGE_MISSING' })
  })
})
