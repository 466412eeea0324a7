import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeFrames } from '../../../src/valley/encoder.ts'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { openTinyModel, referenceFloats, type TinyModel } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { TINY_VARIANTS } from '../../helpers/tiny-package.ts'

describe.each(TINY_VARIANTS)('encodeFrames of the %s model', (variant) => {
  let model: TinyModel
  beforeAll(async () => {
    model = await openTinyModel(variant)
  })
  afterAll(() => closeGraphs(model.graphs))

  // fp32 kernels sum in another order than torch; an honest one lands near 1e-6 of RMS.
  it('gives the features of PyTorch within 1e-4 of their RMS', async () => {
    const { dims, data } = referenceFloats(variant, 'pixel_values')
    const features = await encodeFrames(model.graphs.visionEncoder, data, dims[0]!, model.shapes)
    expect(relativeError(features, referenceFloats(variant, 'features').data)).toBeLessThan(1e-4)
  })

  it('gives the same features for a frame alone as among others', async () => {
    const { dims, data } = referenceFloats(variant, 'pixel_values')
    const size = data.length / dims[0]!
    const features = await encodeFrames(model.graphs.visionEncoder, data.subarray(size, 2 * size), 1, model.shapes)
    const all = referenceFloats(variant, 'features').data
    expect(relativeError(features, all.subarray(features.length, 2 * features.length))).toBeLessThan(1e-4)
  })

  it('refuses pixel values of another size', async () => {
    const encode = encodeFrames(model.graphs.visionEncoder, new Float32Array(3 * 4 * 4), 1, model.shapes)
    await expect(encode).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })

  it('refuses features of another shape than the manifest says', async () => {
    const { dims, data } = referenceFloats(variant, 'pixel_values')
    const encode = encodeFrames(model.graphs.visionEncoder, data, dims[0]!, { ...model.shapes, Dv: 1 })
    await expect(encode).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
