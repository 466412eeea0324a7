// Temporal pooling: the patch features of T frames become one set, so that a clip costs P + T tokens whatever its length.
// v1 takes the mean, in mean-pooling.ts; v2 (a softmax weight a frame) and v3 (a transformer layer over time, its last output added to
// the mean) have weights and run as the package's graph. Source: RupertLuo/Valley valley/model/valley_model.py, 83d794f.
import { assertShape, float32Tensor } from '../onnx/tensor.ts'
import type { RunnableGraph } from './graphs.ts'
import type { Shapes } from './shapes.ts'

/**
 * Pools each patch position over time.
 * @param session the package's pooling graph
 * @param patches [T, P, Dl] float32 row-major, T >= 1
 * @param frameCount T
 * @returns [P, Dl] float32, newly allocated
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function poolPatches(
  session: RunnableGraph,
  patches: Float32Array,
  frameCount: number,
  { P, Dl }: Shapes,
): Promise<Float32Array> {
  const input = float32Tensor(patches, [frameCount, P, Dl])
  const { pooled } = await session.run({ patches: input }, ['pooled'])
  return assertShape('pooled', pooled, [P, Dl]).data
}
