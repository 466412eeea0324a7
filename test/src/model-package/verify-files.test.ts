import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPackage } from '../../../src/model-package/open-package.ts'
import { type VerifyProgress, verifyFiles } from '../../../src/model-package/verify-files.ts'
import { buildTinyPackage, copyTinyPackage } from '../../helpers/tiny-package.ts'

describe('verifyFiles', () => {
  it('reports every byte once', async () => {
    const modelPackage = await readPackage(await buildTinyPackage('mean'))
    const seen: VerifyProgress[] = []
    await verifyFiles(modelPackage, (progress) => seen.push(progress))
    expect(new Set(seen.map(({ file }) => file))).toEqual(new Set(Object.keys(modelPackage.manifest.files)))
    expect(seen.at(-1)!.bytesDone).toBe(seen[0]!.bytesTotal)
  })

  it('refuses a changed byte, naming the file', async () => {
    const directory = await copyTinyPackage('mean')
    const weights = readFileSync(join(directory, 'weights.data'))
    weights[5000]! ^= 1
    writeFileSync(join(directory, 'weights.data'), weights)
    await expect(verifyFiles(await readPackage(directory))).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('weights.data has the SHA-256'),
    })
  })
})
