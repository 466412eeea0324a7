// Projector: features of the encoder's width -> the decoder's width. As source, Valley projects all 1 + P features of every
// frame before pooling where the order matters, which it does for v2 and v3.
import { assertShape, float32Tensor } from '../onnx/tensor.ts'
import type { RunnableGraph } from './graphs.ts'
import type { Shapes } from './shapes.ts'

/**
 * Projects the features of Valley's frames.
 * @param features [T, F, Dv] float32
 * @param frameCount T
 * @returns [T, F, Dl] float32
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function projectFeatures(
  session: RunnableGraph,
  features: Float32Array,
  frameCount: number,
  { F, Dv, Dl }: Shapes,
): Promise<Float32Array> {
  const input = float32Tensor(features, [frameCount, F, Dv])
  const { projected } = await session.run({ features: input }, ['projected'])
  return assertShape('projected', projected, [frameCount, F, Dl]).data
}

/**
 * Projects any number of features of one frame.
 * @param features [count, width] float32; width may be a multiple of Dv where a family lays features side by side
 * @returns [count, Dl] float32
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function projectRows(
  session: RunnableGraph,
  features: Float32Array,
  count: number,
  width: number,
  Dl: number,
): Promise<Float32Array> {
  const { projected } = await session.run({ features: float32Tensor(features, [1, count, width]) }, ['projected'])
  return assertShape('projected', projected, [1, count, Dl]).data
}

/**
 * The row that ends lines, frames or clips in families that have one; a weight, so any input will do.
 * @param width of the projector's input
 * @returns [Dl]
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function readNewline(session: RunnableGraph, width: number, Dl: number): Promise<Float32Array> {
  const { newline } = await session.run({ features: float32Tensor(new Float32Array(width), [1, 1, width]) }, [
    'newline',
  ])
  return assertShape('newline', newline, [1, Dl]).data
}
