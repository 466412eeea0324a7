import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { projectFeatures } from '../../../src/valley/projector.ts'
import { openTinyModel, referenceFloats, type TinyModel } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { TINY_VARIANTS } from '../../helpers/tiny-package.ts'

describe.each(TINY_VARIANTS)('projectFeatures of the %s model', (variant) => {
  let model: TinyModel
  beforeAll(async () => {
    model = await openTinyModel(variant)
  })
  afterAll(() => closeGraphs(model.graphs))

  it('projects class and patch features as PyTorch does, within 1e-4 of RMS', async () => {
    const { dims, data } = referenceFloats(variant, 'features')
    const projected = await projectFeatures(model.graphs.projector, data, dims[0]!, model.shapes)
    expect(relativeError(projected, referenceFloats(variant, 'projected').data)).toBeLessThan(1e-4)
  })

  it('refuses a result of another width than the manifest says', async () => {
    const { dims, data } = referenceFloats(variant, 'features')
    const project = projectFeatures(model.graphs.projector, data, dims[0]!, { ...model.shapes, Dl: 7 })
    await expect(project).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
