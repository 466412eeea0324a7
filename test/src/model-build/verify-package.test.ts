import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyPackage } from '../../../src/model-build/verify-package.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'
import { buildTinyPackage, copyTinyPackage, TINY_VARIANTS } from '../../helpers/tiny-package.ts'

/** Writes a file and makes the manifest agree, as a careless or a hostile maker of packages would. */
function replaceFile(directory: string, file: string, bytes: Uint8Array): void {
  writeFileSync(join(directory, file), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  changeJson(directory, 'manifest.json', (manifest) => {
    ;(manifest.files as Record<string, unknown>)[file] = { bytes: bytes.length, sha256 }
  })
}

describe('verifyPackage', () => {
  it.each(TINY_VARIANTS)('opens and runs every graph of the %s package', async (variant) => {
    const { graphs, files, bytes, manifest } = await verifyPackage(await buildTinyPackage(variant))
    expect(graphs).toEqual(
      Object.values(manifest.graphs)
        .filter((file) => file !== null)
        .sort(byPipelineOrder),
    )
    expect(files).toBe(Object.keys(manifest.files).length)
    expect(bytes).toBeGreaterThan(100_000)
  })

  it('refuses a file with another hash', async () => {
    const directory = await copyTinyPackage('mean')
    const weights = readFileSync(join(directory, 'weights.data'))
    weights[100]! ^= 1
    writeFileSync(join(directory, 'weights.data'), weights)
    await expect(verifyPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('weights.data has the SHA-256'),
    })
  })

  it('refuses a graph that does not open, although its hash is right', async () => {
    const directory = await copyTinyPackage('mean')
    replaceFile(directory, 'projector.onnx', new TextEncoder().encode('no graph'))
    await expect(verifyPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('projector.onnx'),
    })
  })

  it('refuses sizes that the graphs do not have', async () => {
    const directory = await copyTinyPackage('mean')
    changeJson(directory, 'manifest.json', (manifest) => {
      ;(manifest.language as Record<string, unknown>).vocabulary = 271
    })
    await expect(verifyPackage(directory)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })

  it('refuses weights that give no finite numbers', async () => {
    const directory = await copyTinyPackage('mean')
    const weights = readFileSync(join(directory, 'weights.data'))
    replaceFile(directory, 'weights.data', new Uint8Array(weights.length).fill(0xff))
    await expect(verifyPackage(directory)).rejects.toMatchObject({
      code: 'PACKAGE_CORRUPT',
      message: expect.stringContaining('only finite numbers'),
    })
  })

  it('stops with the reason when it is aborted', async () => {
    const controller = new AbortController()
    const promise = verifyPackage(
      await buildTinyPackage('mean'),
      () => controller.abort(new Error('enough')),
      controller.signal,
    )
    await expect(promise).rejects.toThrow('enough')
  })
})

const PIPELINE = ['vision-encoder.onnx', 'projector.onnx', 'pooling.onnx', 'embed-tokens.onnx', 'decoder.onnx']

function byPipelineOrder(a: string, b: string): number {
  return PIPELINE.indexOf(a) - PIPELINE.indexOf(b)
}
