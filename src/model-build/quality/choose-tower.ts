// Whether a tower may compute in whole 8-bit numbers: it is tried on the probe frames, and taken where every frame's features
// stay close enough to those of float32. Activations have one scale for all of them there, which towers with few very large
// ones do not bear.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OnnxSession } from '../../onnx/session.ts'
import { float32Tensor, type NamedTensors } from '../../onnx/tensor.ts'
import { concatenate } from '../../valley/pack-tiles.ts'
import { preprocessFrame } from '../../valley/preprocess.ts'
import { isGridTower, type VisionTower } from '../architecture.ts'
import type { Checkpoint } from '../checkpoint-description.ts'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from '../external-data.ts'
import { buildVisionEncoderGraph } from '../vision-encoder-graph.ts'
import { cosine } from './cosine.ts'
import { probeFrames } from './probe-set.ts'
import { QUALITY_FLOORS } from './quality-floor.ts'
import { referenceTower } from './reference-model.ts'

/**
 * Tries the checkpoint's towers; those that take frames of any shape are left as they are.
 * @param directory for temporary files, which are removed
 * @returns how their products are to be stored
 * @throws AppError CHECKPOINT_INVALID, INFERENCE_FAILED; signal.reason when aborted
 */
export async function chooseTowerFormat(
  { architecture, facts }: Checkpoint,
  directory: string,
  signal?: AbortSignal,
): Promise<'w8a8' | 'int8'> {
  const { vision, imageVision } = architecture
  if (isGridTower(vision)) return 'int8'
  const side = vision.imagePixels
  const frames = probeFrames().map((frame) => preprocessFrame(frame, facts.pixels.video)) // [3, X, X] each
  const feeds = {
    pixel_values: float32Tensor(concatenate(frames), [frames.length, vision.channels, side, side]),
  }
  for (const tower of [vision, ...(imageVision === null ? [] : [imageVision])]) {
    if (!(await isNear(tower, feeds, frames.length, directory, signal))) return 'int8'
  }
  return 'w8a8'
}

async function isNear(
  tower: VisionTower,
  feeds: NamedTensors,
  frameCount: number,
  directory: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const work = await mkdtemp(join(directory, 'tower-'))
  const { features: expected } = await referenceTower(tower, work, signal).run(feeds)
  const graph = buildVisionEncoderGraph(tower, 'w8a8')
  const layout = layOutWeights(graph.weights())
  await writeWeights(join(work, WEIGHTS_FILE), layout, () => {}, signal)
  await writeFile(join(work, 'tower.onnx'), graph.encode(layout.placeOf))
  const session = await OnnxSession.open(join(work, 'tower.onnx'))
  try {
    const { features } = await session.run(feeds, ['features'])
    return Array.from({ length: frameCount }, (_, frame) => frame).every((frame) => {
      const [seen, wanted] = [features!, expected!].map(({ data }) => {
        const size = data.length / frameCount
        return (data as Float32Array).subarray(frame * size, (frame + 1) * size)
      }) as [Float32Array, Float32Array]
      return cosine(seen, wanted) > QUALITY_FLOORS.int8.frameCosine
    })
  } finally {
    await session.dispose()
    await rm(work, { recursive: true, force: true })
  }
}
