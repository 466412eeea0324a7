// Whether a tower may compute in whole 8-bit numbers: it is tried on the probe frames, and taken where every frame's features
// stay close enough to those of float32. Activations have one scale for all of them there, which towers with few very large
// ones do not bear.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OnnxSession } from '../../onnx/session.ts'
import { float32Tensor, type NamedTensors } from '../../onnx/tensor.ts'
import { preprocessAreaFrame } from '../../valley/area-frame.ts'
import type { RunnableGraph } from '../../valley/graphs.ts'
import { concatenate } from '../../valley/pack-tiles.ts'
import { gridFeeds } from '../../valley/patch-grid.ts'
import { preprocessFrame } from '../../valley/preprocess.ts'
import { isGridTower } from '../architecture.ts'
import type { Checkpoint } from '../checkpoint-description.ts'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from '../external-data.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { buildGridTowerGraph } from '../grid-tower-graph.ts'
import { buildVisionEncoderGraph } from '../vision-encoder-graph.ts'
import { cosine } from './cosine.ts'
import { probeFrames } from './probe-set.ts'
import { QUALITY_FLOORS } from './quality-floor.ts'
import { referenceGridTower, referenceTower } from './reference-model.ts'

/**
 * Tries the checkpoint's towers.
 * @param directory for temporary files, which are removed
 * @returns how their products are to be stored
 * @throws AppError CHECKPOINT_INVALID, INFERENCE_FAILED; signal.reason when aborted
 */
export async function chooseTowerFormat(
  checkpoint: Checkpoint,
  directory: string,
  signal?: AbortSignal,
): Promise<'w8a8' | 'int8'> {
  for (const trial of trialsOf(checkpoint, signal)) {
    if (!(await isNear(trial, directory, signal))) return 'int8'
  }
  return 'w8a8'
}

/** A tower and what it is shown. */
interface TowerTrial {
  /** The tower in float32; takes a folder for temporary files. */
  readonly reference: (directory: string) => RunnableGraph
  readonly tried: GraphBuilder
  readonly feeds: NamedTensors
  /** How many times frames are looked at; the features of each time count alone. */
  readonly looks: number
}

function trialsOf({ architecture, facts }: Checkpoint, signal?: AbortSignal): TowerTrial[] {
  const { vision, imageVision } = architecture
  if (isGridTower(vision)) {
    const seen = probeFrames().map((frame) => preprocessAreaFrame(frame, facts.pixels.video))
    const together = Array.from({ length: vision.grid.framesTogether }, (_, index) => seen[index] ?? seen.at(-1)!)
    return [
      {
        reference: (directory) => referenceGridTower(vision, directory, signal),
        tried: buildGridTowerGraph(vision, 'w8a8'),
        feeds: gridFeeds(together, vision.patchPixels, vision.grid),
        looks: 1,
      },
    ]
  }
  const side = vision.imagePixels
  const frames = probeFrames().map((frame) => preprocessFrame(frame, facts.pixels.video)) // [3, X, X] each
  const pixels = float32Tensor(concatenate(frames), [frames.length, vision.channels, side, side])
  return [vision, ...(imageVision === null ? [] : [imageVision])].map((tower) => ({
    reference: (directory) => referenceTower(tower, directory, signal),
    tried: buildVisionEncoderGraph(tower, 'w8a8'),
    feeds: { pixel_values: pixels },
    looks: frames.length,
  }))
}

async function isNear(
  { reference, tried: graph, feeds, looks }: TowerTrial,
  directory: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const work = await mkdtemp(join(directory, 'tower-'))
  const { features: expected } = await reference(work).run(feeds)
  const layout = layOutWeights(graph.weights())
  await writeWeights(join(work, WEIGHTS_FILE), layout, () => {}, signal)
  await writeFile(join(work, 'tower.onnx'), graph.encode(layout.placeOf))
  const session = await OnnxSession.open(join(work, 'tower.onnx'))
  try {
    const { features } = await session.run(feeds, ['features'])
    return Array.from({ length: looks }, (_, look) => look).every((look) => {
      const [seen, wanted] = [features!, expected!].map(({ data }) => {
        const size = data.length / looks
        return (data as Float32Array).subarray(look * size, (look + 1) * size)
      }) as [Float32Array, Float32Array]
      return cosine(seen, wanted) > QUALITY_FLOORS.int8.frameCosine
    })
  } finally {
    await session.dispose()
    await rm(work, { recursive: true, force: true })
  }
}
