import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { type CliEnd, type CliRequest, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const clip = join(folder, 'clip.mp4')
let model = ''

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  model = await buildTinyPackage('mean')
})
afterAll(removeFolder)

function chat(input: string, cliArguments: string[] = [], more: Partial<CliRequest> = {}): Promise<CliEnd> {
  const environment = { VALLEY_MODEL: model }
  return runCli({ cliArguments: ['chat', ...cliArguments], temporaryFolder, environment, input, ...more })
}

it('takes each piped line as a turn about the clip and ends with status 0 at the end of the input', async () => {
  const { status, stdout, stderr } = await chat('What is it?\n/stats\nAnd now?\n', [clip])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^decode +\d+\.\d$/m)
  expect(leftBehind(temporaryFolder)).toEqual([])
})

it('goes on after a bad clip, and asks for one when there is none', async () => {
  const { status, stdout } = await chat(`What?\n/clip ${import.meta.filename}\nWhat?\n/clip ${clip}\nWhat?\n/stats\n`)
  expect(status).toBe(0)
  const [first, , second] = stdout.split('\n')
  expect([first, second]).toEqual([en.clipWanted, en.errors.CLIP_NOT_VIDEO])
  expect(stdout).toMatch(/^answer tokens +\d+$/m)
  expect(leftBehind(temporaryFolder)).toEqual([])
})

it('says in one line what is wrong with the model before it takes a question', async () => {
  const { status, stdout, stderr } = await chat('What?\n', [clip, '--model', join(folder, 'nowhere')])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/^PACKAGE_MISSING: [^\n]+\n$/)
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends at %s while it waits for a line', async (signal, status) => {
  let child: Parameters<NonNullable<CliRequest['onStart']>>[0] | undefined
  const end = await chat('', [clip], {
    keepInputOpen: true,
    onStart: (started) => {
      child = started
      // The answer to /help shows that it is up and waits for the next line.
      started.stdin?.write('/help\n')
      started.stdout?.once('data', () => child?.kill(signal))
    },
  })
  expect(end).toMatchObject({ status, stderr: '' })
  expect(leftBehind(temporaryFolder)).toEqual([])
})
