// The catalogue that ships, held against what can be built and against its page for people.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SUPPORTED_ARCHITECTURES } from '../../../src/model-build/checkpoint.ts'
import { findModel, readCatalogue } from '../../../src/model-hub/catalogue.ts'
import { isRestricted } from '../../../src/model-hub/licence.ts'
import { PROJECT_ROOT } from '../../helpers/source-files.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const PATH = join(PROJECT_ROOT, 'models', 'catalogue.json')

it('lists only models whose architecture can be built, each once', async () => {
  const models = await readCatalogue(PATH)
  for (const { repository, architecture } of models) {
    expect(SUPPORTED_ARCHITECTURES, repository).toContain(architecture)
  }
  expect(new Set(models.map(({ repository }) => repository.toLowerCase())).size).toBe(models.length)
})

it('is what docs/models.md shows', async () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs', 'models.md'), 'utf8')
  for (const model of await readCatalogue(PATH)) {
    const { repository, downloadGigabytes, memoryGigabytes, precision, speed, licence } = model
    const cells = [
      `\`${repository}\``,
      `${downloadGigabytes} GB`,
      `${memoryGigabytes} GB at ${precision}`,
      speed,
      licence,
    ]
    expect(page).toContain(`| ${cells.join(' | ')} |`)
  }
})

it('finds a model whatever its capitals', async () => {
  const models = await readCatalogue(PATH)
  expect(findModel(models, 'LLAVA-HF/llava-1.5-7b-HF')?.precision).toBe('int4')
  expect(findModel(models, 'someone/else')).toBeUndefined()
})

it('says what is wrong with one of your own', async () => {
  const path = join(temporaryFolder(), 'catalogue.json')
  writeFileSync(path, JSON.stringify({ note: '', models: [{ repository: 'x' }] }))
  await expect(readCatalogue(path)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('models.0.repository'),
  })
})

it.each([
  ['apache-2.0', false],
  ['MIT', false],
  ['llama2', true],
  ['cc-by-nc-4.0', true],
  ['mit, llama2', true],
  ['other', true],
  [null, true],
])('has the licence %s agreed to: %s', (licence, restricted) => {
  expect(isRestricted(licence)).toBe(restricted)
})
