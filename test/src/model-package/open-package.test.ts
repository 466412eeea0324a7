import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HASH_AT_OPEN_BELOW_BYTES, openPackage, readPackage } from '../../../src/model-package/open-package.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'
import { buildTinyPackage, copyTinyPackage } from '../../helpers/tiny-package.ts'

describe('openPackage', () => {
  it('gives the manifest and the paths of its files', async () => {
    const directory = await buildTinyPackage('mean')
    const modelPackage = await openPackage(directory)
    expect(modelPackage.manifest.name).toBe('tiny-mean')
    expect(modelPackage.pathOf('weights.data')).toBe(join(directory, 'weights.data'))
    expect(() => modelPackage.pathOf('other.data')).toThrow('not listed')
  })

  it('says what a folder without a package holds, and what to do', async () => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'notes.txt'), '')
    await expect(openPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringMatching(/holds notes\.txt, but no manifest\.json\. .*valley model build/),
    })
  })

  it('says what lies beside a folder that does not exist', async () => {
    const models = temporaryFolder()
    mkdirSync(join(models, 'valley-sticker-world'))
    await expect(openPackage(join(models, 'valey'))).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringMatching(/there is no such folder; valley-test-\w+ holds valley-sticker-world\./),
    })
    await expect(openPackage(join(models, 'none', 'valley'))).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('its parent folder does not exist either'),
    })
  })

  it('says so when the path is a file, or the folder is empty', async () => {
    const directory = temporaryFolder()
    await expect(openPackage(directory)).rejects.toMatchObject({ message: expect.stringContaining('is empty') })
    const file = join(directory, 'model.onnx')
    writeFileSync(file, '')
    await expect(openPackage(file)).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('it is a file'),
    })
  })

  it.each(['../weights.data', '/etc/passwd', 'a/../../b', 'C:/b', 'a\\b', 'a//b', './a', 'a\u0000b', ''])(
    'refuses the file name %j',
    async (name) => {
      const directory = await copyTinyPackage('mean')
      changeJson(directory, 'manifest.json', (manifest) => {
        ;(manifest.files as Record<string, unknown>)[name] = { bytes: 1, sha256: '0'.repeat(64) }
      })
      await expect(openPackage(directory)).rejects.toMatchObject({
        code: 'PACKAGE_CORRUPT',
        message: expect.stringContaining(`lists the file ${JSON.stringify(name)}`),
      })
    },
  )

  it('refuses a graph whose hash the manifest does not list', async () => {
    const directory = await copyTinyPackage('mean')
    changeJson(directory, 'manifest.json', (manifest) => {
      ;(manifest.graphs as Record<string, unknown>).projector = '../elsewhere.onnx'
    })
    await expect(openPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('names "../elsewhere.onnx" without listing'),
    })
  })

  it('refuses a missing file and a file of another size, by name, seen and expected', async () => {
    const directory = await copyTinyPackage('mean')
    const bytes = readFileSync(join(directory, 'weights.data')).length
    truncateSync(join(directory, 'weights.data'), bytes - 1)
    await expect(readPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining(`weights.data has ${bytes - 1} bytes; ${bytes} are expected`),
    })
    rmSync(join(directory, 'weights.data'))
    await expect(readPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('weights.data is not there'),
    })
  })

  it('hashes a small package, so a changed byte is refused', async () => {
    const directory = await copyTinyPackage('mean')
    const tokenizer = readFileSync(join(directory, 'tokenizer.json'))
    tokenizer[0]! ^= 1
    writeFileSync(join(directory, 'tokenizer.json'), tokenizer)
    await expect(openPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('tokenizer.json has the SHA-256'),
    })
    await expect(readPackage(directory)).resolves.toBeDefined()
  })

  it('does not hash a package of 256 MiB or more', async () => {
    const directory = await copyTinyPackage('mean')
    writeFileSync(join(directory, 'large.data'), '')
    truncateSync(join(directory, 'large.data'), HASH_AT_OPEN_BELOW_BYTES)
    changeJson(directory, 'manifest.json', (manifest) => {
      const files = manifest.files as Record<string, unknown>
      files['large.data'] = { bytes: HASH_AT_OPEN_BELOW_BYTES, sha256: '0'.repeat(64) }
    })
    await expect(openPackage(directory)).resolves.toBeDefined()
  })

  it('refuses a manifest that is no JSON, too large, or breaks the format, listing the bad keys', async () => {
    const directory = await copyTinyPackage('mean')
    const path = join(directory, 'manifest.json')
    const good = readFileSync(path, 'utf8')
    writeFileSync(path, good.slice(0, 50))
    await expect(openPackage(directory)).rejects.toMatchObject({ message: expect.stringContaining('is not JSON') })
    writeFileSync(path, good + ' '.repeat(1024 * 1024))
    await expect(openPackage(directory)).rejects.toMatchObject({ message: expect.stringContaining('at most 1048576') })
    writeFileSync(path, JSON.stringify({ ...JSON.parse(good), maxFrames: 0, precision: 'fp8' }))
    await expect(openPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringMatching(/precision.*maxFrames/),
    })
  })

  it.each([
    ['formatVersion', 2],
    ['family', 'qwen-vl'],
  ])('tells a package of another %s from a damaged one', async (key, value) => {
    const directory = await copyTinyPackage('mean')
    changeJson(directory, 'manifest.json', (manifest) => {
      manifest[key] = value
      manifest.precision = 'fp8'
    })
    await expect(openPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_UNSUPPORTED',
      message: expect.stringContaining(`has the ${key} ${JSON.stringify(value)}; this version of Valley runs `),
    })
  })
})
