import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeGraphs } from '../../../src/valley/graphs.ts'
import { MeanPooling } from '../../../src/valley/mean-pooling.ts'
import { openTinyModel, referenceFloats, type TinyModel } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'

let model: TinyModel
beforeAll(async () => {
  model = await openTinyModel('mean')
})
afterAll(() => closeGraphs(model.graphs))

/** Rows of the reference, [rows, width] of each frame. */
function framesOf(name: 'features' | 'projected'): Float32Array[] {
  const { dims, data } = referenceFloats('mean', name)
  const size = dims[1]! * dims[2]!
  return Array.from({ length: dims[0]! }, (_, frame) =>
    Float32Array.from(data.subarray(frame * size, (frame + 1) * size)),
  )
}

async function tokensOf(frames: readonly Float32Array[]): Promise<Float32Array> {
  const mean = new MeanPooling(model.shapes)
  for (const frame of frames) mean.addFrame(frame)
  return mean.finish(model.graphs.projector)
}

it('gives the visual tokens that PyTorch gives by projecting first, within 1e-4 of RMS', async () => {
  const { P, Dl } = model.shapes
  const tokens = await tokensOf(framesOf('features'))
  const frameTokens = framesOf('projected').flatMap((frame) => [...frame.subarray(0, Dl)])
  expect(tokens).toHaveLength(P * Dl + frameTokens.length)
  expect(relativeError(tokens.subarray(0, P * Dl), referenceFloats('mean', 'pooled').data)).toBeLessThan(1e-4)
  expect(relativeError(tokens.subarray(P * Dl), Float32Array.from(frameTokens))).toBeLessThan(1e-4)
})

it('gives of one frame its own patches, and of many frames a row each', async () => {
  const { P, Dl } = model.shapes
  const [frame] = framesOf('features')
  const [projected] = framesOf('projected')
  const alone = await tokensOf([frame!])
  expect(relativeError(alone.subarray(0, P * Dl), projected!.subarray(Dl))).toBeLessThan(1e-4)
  const many = await tokensOf(Array.from({ length: 3 * P }, () => frame!))
  expect(many).toHaveLength(4 * P * Dl)
  expect(relativeError(many.subarray(-Dl), projected!.subarray(0, Dl))).toBeLessThan(1e-4)
})

it('does not depend on the order of the frames', async () => {
  const { P, Dl } = model.shapes
  const frames = framesOf('features')
  const patchesOf = async (order: readonly Float32Array[]) => (await tokensOf(order)).subarray(0, P * Dl)
  expect(await patchesOf(frames.toReversed())).toEqual(await patchesOf(frames))
})
