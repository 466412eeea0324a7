// Which towers compute in whole 8-bit numbers: those that were tried and found good enough, and no other.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildPackage } from '../../../../src/model-build/build-package.ts'
import type { Precision } from '../../../../src/model-build/precision.ts'
import type { Quality } from '../../../../src/model-build/quality/measure-quality.ts'
import type { ModelManifest } from '../../../../src/model-package/manifest.ts'
import { familyCheckpoint } from '../../../helpers/family-checkpoint.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { changeWeights, copyTinyCheckpoint } from '../../../helpers/tiny-checkpoint.ts'

async function build(
  checkpointDirectory: string,
  precision: Precision,
): Promise<{ manifest: ModelManifest; cosines: readonly number[] }> {
  let quality: Quality | null = null
  const onMeasured = (seen: Quality) => {
    quality = seen
  }
  const outputDirectory = join(temporaryFolder(), 'package')
  const measure = { allowLoss: true, onMeasured }
  const manifest = await buildPackage({ checkpointDirectory, outputDirectory, precision, measure })
  return { manifest, cosines: (quality as unknown as Quality).frameCosines }
}

/** Values that one scale for all activations cannot hold: one channel 4000 times the others, and weights that undo it. */
function withOutlierChannel(): string {
  const directory = copyTinyCheckpoint('mean')
  changeWeights(directory, 'mean', (tensors) => {
    for (const block of [0, 1]) {
      const name = `model.vision_tower.vision_model.encoder.layers.${block}`
      const norm = tensors[`${name}.layer_norm2.weight`]!.values as Float32Array
      const bias = tensors[`${name}.layer_norm2.bias`]!.values as Float32Array
      const { shape, values } = tensors[`${name}.mlp.fc1.weight`]!
      norm[0]! *= 4000
      bias[0]! *= 4000
      for (let row = 0; row < shape[0]!; row++) (values as Float32Array)[row * shape[1]!]! /= 4000
    }
  })
  return directory
}

describe('a tower at int8', () => {
  it.each(['int8', 'int4'] as const)(
    'computes in whole numbers at %s where its features stay near',
    async (precision) => {
      const { manifest, cosines } = await build(familyCheckpoint('video-llava'), precision)
      expect(manifest.vision.products).toBe('w8a8')
      expect(Math.min(...cosines)).toBeGreaterThan(0.99)
    },
  )

  it('keeps to blocks where one channel outweighs the others', async () => {
    const { manifest } = await build(withOutlierChannel(), 'int8')
    expect(manifest.vision.products).toBeUndefined()
  })

  it('is exact at fp32, and not tried where nothing is measured', async () => {
    expect((await build(familyCheckpoint('llava'), 'fp32')).manifest.vision.products).toBeUndefined()
    const outputDirectory = join(temporaryFolder(), 'package')
    const options = { checkpointDirectory: familyCheckpoint('llava'), outputDirectory, precision: 'int8' as const }
    expect((await buildPackage(options)).vision.products).toBeUndefined()
  })
})
