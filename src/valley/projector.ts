// Projector: features of the encoder's width -> the decoder's width. As source, all 1 + P features of every frame are
// projected, and before pooling: for v2 and v3 the order matters.
import type { OnnxSession } from '../onnx/session.ts'
import { assertShape, float32Tensor } from '../onnx/tensor.ts'
import type { Shapes } from './shapes.ts'

/**
 * Projects features.
 * @param features [T, 1 + P, Dv] float32
 * @param frameCount T
 * @returns [T, 1 + P, Dl] float32
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function projectFeatures(
  session: OnnxSession,
  features: Float32Array,
  frameCount: number,
  { P, Dv, Dl }: Shapes,
): Promise<Float32Array> {
  const input = float32Tensor(features, [frameCount, 1 + P, Dv])
  const { projected } = await session.run({ features: input }, ['projected'])
  return assertShape('projected', projected, [frameCount, 1 + P, Dl]).data
}
