import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { poolPatches } from '../../../src/valley/pooling.ts'
import { openTinyModel, referenceFloats, type TinyModel } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import type { TinyVariant } from '../../helpers/tiny-package.ts'

/** The patch rows of the reference's projected features, [T, P, Dl]. */
function referencePatches(variant: TinyVariant): { patches: Float32Array; frameCount: number } {
  const { dims, data } = referenceFloats(variant, 'projected')
  const [frameCount = 0, rows = 0, width = 0] = dims
  const frames = Array.from({ length: frameCount }, (_, frame) =>
    data.subarray((frame * rows + 1) * width, (frame + 1) * rows * width),
  )
  return { patches: Float32Array.from(frames.flatMap((frame) => [...frame])), frameCount }
}

const WITH_WEIGHTS = ['importance', 'transformer'] as const

describe.each(WITH_WEIGHTS)('poolPatches of the %s model', (variant) => {
  let model: TinyModel
  beforeAll(async () => {
    model = await openTinyModel(variant)
  })
  afterAll(() => closeGraphs(model.graphs))

  it('pools as PyTorch does, within 1e-4 of RMS', async () => {
    const { patches, frameCount } = referencePatches(variant)
    const pooled = await poolPatches(model.graphs.pooling!, patches, frameCount, model.shapes)
    expect(relativeError(pooled, referenceFloats(variant, 'pooled').data)).toBeLessThan(1e-4)
  })

  it('refuses from its graph another shape than the manifest says', async () => {
    const { patches, frameCount } = referencePatches(variant)
    const { P, Dl } = model.shapes
    const wrong = { ...model.shapes, P: P * 2, Dl: Dl / 2 } // as many numbers, laid out otherwise
    const pool = poolPatches(model.graphs.pooling!, patches, frameCount, wrong)
    await expect(pool).rejects.toMatchObject({ code: expect.stringMatching(/SHAPE_MISMATCH|INFERENCE_FAILED/) })
  })
})

it('leaves one frame as it is by importance', async () => {
  const model = await openTinyModel('importance')
  const { P, Dl } = model.shapes
  const frame = referencePatches('importance').patches.slice(0, P * Dl)
  expect(await poolPatches(model.graphs.pooling!, frame, 1, model.shapes)).toEqual(frame)
  await closeGraphs(model.graphs)
})
