// Vision encoder: pixel values of frames -> frame and patch features. Source: RupertLuo/Valley at 83d794f takes the output
// of the block that mm_vision_select_layer names, class feature first, without the final norm.
import { assertShape, float32Tensor } from '../onnx/tensor.ts'
import type { RunnableGraph } from './graphs.ts'
import type { Shapes } from './shapes.ts'

/**
 * Encodes frames.
 * @param pixelValues [T, 3, X, X] float32, normalised
 * @param frameCount T; on a CPU batches bring nothing, so callers pass one frame at a time
 * @returns [T, F, Dv] float32: each frame's class feature where the tower has one, then its patch features row by row
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function encodeFrames(
  session: RunnableGraph,
  pixelValues: Float32Array,
  frameCount: number,
  { X, F, Dv }: Shapes,
): Promise<Float32Array> {
  const side = Math.sqrt(pixelValues.length / (frameCount * 3)) // what the pixel recipe made
  const values = float32Tensor(pixelValues, [frameCount, 3, side, side])
  const input = assertShape('pixel_values', values, [frameCount, 3, X, X])
  const { features } = await session.run({ pixel_values: input }, ['features'])
  return assertShape('features', features, [frameCount, F, Dv]).data
}
