import { existsSync, mkdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeTestFolder } from '../../helpers/make-clips.ts'
import { type CliEnd, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { tinyCheckpoint } from '../../helpers/tiny-package.ts'
import { makeTransformersJsCheckpoint } from '../../helpers/transformers-js-checkpoint.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const models = join(folder, 'models')

beforeAll(() => {
  mkdirSync(temporaryFolder)
})
afterAll(removeFolder)

function model(...cliArguments: string[]): Promise<CliEnd> {
  const environment = { VALLEY_MODELS_DIR: models }
  return runCli({ cliArguments: ['model', ...cliArguments], temporaryFolder, environment })
}

it('builds a package, lists it, verifies it, and says when it was changed', async () => {
  expect(await model('list')).toEqual({ status: 0, stdout: `No model package in ${models}\n`, stderr: '' })

  const out = join(models, 'tiny')
  const built = await model('build', tinyCheckpoint('importance'), out, '--precision', 'int8')
  expect(built).toMatchObject({ status: 0, stderr: '' })
  expect(built.stdout).toMatch(/^Built tiny-importance \(int8, \d+ files, \d+ kB\) in /)

  const listed = await model('list')
  expect(listed.stdout).toMatch(/^tiny-importance {2}int8, \d+ kB, .+\n$/)

  const verified = await model('verify', out)
  expect(verified).toMatchObject({ status: 0, stderr: '' })
  const measured = /^Against the checkpoint in fp32: cosine by frame (0\.99\d\d|1\.0000)[^\n]+perplexity[^\n]+\n/
  expect(built.stdout.split('\n').slice(1).join('\n')).toMatch(measured)
  expect(verified.stdout).toMatch(measured)
  expect(verified.stdout).toMatch(/\ntiny-importance is in order: \d+ files, \d+ kB, hashes right, 6 graphs run\n$/)

  truncateSync(join(out, 'weights.data'), 4096)
  const broken = await model('verify', out)
  expect(broken).toMatchObject({ status: 1, stdout: '' })
  expect(broken.stderr).toMatch(/^PACKAGE_CORRUPT: [^\n]*weights\.data[^\n]*\n$/)
  expect((await model('list')).stdout).toMatch(/^tiny {2}PACKAGE_CORRUPT: [^\n]+\n$/)
  expect(leftBehind(temporaryFolder)).toEqual([])
})

it('imports graphs that transformers.js runs', async () => {
  const source = makeTransformersJsCheckpoint('smolvlm', join(folder, 'graphs'))
  const out = join(models, 'imported')
  const imported = await model('import', source, out, '--precision', 'fp32')
  expect(imported).toMatchObject({ status: 0, stderr: '' })
  expect(imported.stdout).toMatch(/^Imported graphs \(fp32, \d+ kB\) into .*imported\n$/)
  expect((await model('verify', out)).stdout).toMatch(/^graphs is in order: /)
})

it('refuses what is no checkpoint, and a precision that does not exist', async () => {
  const out = join(models, 'nothing')
  const noCheckpoint = await model('build', temporaryFolder, out)
  expect(noCheckpoint).toMatchObject({ status: 1, stdout: '' })
  expect(noCheckpoint.stderr).toMatch(/^CHECKPOINT_INVALID: [^\n]+\n$/)
  const noPrecision = await model('build', tinyCheckpoint('mean'), out, '--precision', 'fp8')
  expect(noPrecision).toMatchObject({ status: 2, stdout: '' })
  expect(noPrecision.stderr).toMatch(/^CONFIG_INVALID: [^\n]*fp8[^\n]*int4[^\n]*\n$/)
  expect(existsSync(out)).toBe(false)
})
