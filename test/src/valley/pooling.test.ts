import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { meanOverTime, poolPatches } from '../../../src/valley/pooling.ts'
import { openTinyModel, referenceFloats, type TinyModel } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { TINY_VARIANTS, type TinyVariant } from '../../helpers/tiny-package.ts'

/** The patch rows of the reference's projected features, [T, P, Dl]. */
function referencePatches(variant: TinyVariant): { patches: Float32Array; frameCount: number } {
  const { dims, data } = referenceFloats(variant, 'projected')
  const [frameCount = 0, rows = 0, width = 0] = dims
  const frames = Array.from({ length: frameCount }, (_, frame) =>
    data.subarray((frame * rows + 1) * width, (frame + 1) * rows * width),
  )
  return { patches: Float32Array.from(frames.flatMap((frame) => [...frame])), frameCount }
}

describe.each(TINY_VARIANTS)('poolPatches of the %s model', (variant) => {
  let model: TinyModel
  beforeAll(async () => {
    model = await openTinyModel(variant)
  })
  afterAll(() => closeGraphs(model.graphs))

  it('pools as PyTorch does, within 1e-4 of RMS', async () => {
    const { patches, frameCount } = referencePatches(variant)
    const pooled = await poolPatches(model.graphs.pooling, patches, frameCount, model.shapes)
    expect(relativeError(pooled, referenceFloats(variant, 'pooled').data)).toBeLessThan(1e-4)
  })
})

it.each(['importance', 'transformer'] as const)(
  'refuses from the %s graph another shape than the manifest says',
  async (variant) => {
    const model = await openTinyModel(variant)
    const { patches, frameCount } = referencePatches(variant)
    const { P, Dl } = model.shapes
    const wrong = { ...model.shapes, P: P * 2, Dl: Dl / 2 } // as many numbers, laid out otherwise
    const pool = poolPatches(model.graphs.pooling, patches, frameCount, wrong)
    await expect(pool).rejects.toMatchObject({ code: expect.stringMatching(/SHAPE_MISMATCH|INFERENCE_FAILED/) })
    await closeGraphs(model.graphs)
  },
)

describe('one frame', () => {
  it.each(['mean', 'importance'] as const)('is left as it is by %s', async (variant) => {
    const model = await openTinyModel(variant)
    const { P, Dl } = model.shapes
    const frame = referencePatches(variant).patches.slice(0, P * Dl)
    expect(await poolPatches(model.graphs.pooling, frame, 1, model.shapes)).toEqual(frame)
    await closeGraphs(model.graphs)
  })
})

describe('meanOverTime', () => {
  it('takes the mean of each position over the frames', () => {
    expect([...meanOverTime(Float32Array.of(1, 2, 3, 6, 5, 4), 3)]).toEqual([3, 4])
  })

  it('does not depend on the order of the frames', () => {
    const frames = [Float32Array.of(0.1, 1e7), Float32Array.of(0.7, -1e7), Float32Array.of(0.3, 1)]
    const join = (order: number[]) => Float32Array.from(order.flatMap((index) => [...frames[index]!]))
    expect(meanOverTime(join([2, 0, 1]), 3)).toEqual(meanOverTime(join([0, 1, 2]), 3))
  })
})
