import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listPackages } from '../../../src/model-package/list-packages.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { copyTinyPackage } from '../../helpers/tiny-package.ts'

describe('listPackages', () => {
  it('lists whole and broken packages by name, and nothing else', async () => {
    const whole = await copyTinyPackage('mean')
    const models = dirname(whole)
    cpSync(whole, join(models, 'broken'), { recursive: true })
    rmSync(join(models, 'broken', 'weights.data'))
    cpSync(whole, join(models, '.package.building-1'), { recursive: true })
    mkdirSync(join(models, 'folder'))
    writeFileSync(join(models, 'README.md'), '')
    renameSync(whole, join(models, 'whole'))
    const listed = await listPackages(models)
    expect(listed.map(({ ok, directory }) => [basename(directory), ok])).toEqual([
      ['broken', false],
      ['whole', true],
    ])
    expect(listed[0]).toMatchObject({ error: { code: 'PACKAGE_CORRUPT' } })
  })

  it('finds nothing in a folder that does not exist', async () => {
    expect(await listPackages(join(temporaryFolder(), 'none'))).toEqual([])
  })
})
