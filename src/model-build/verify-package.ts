// Checks a package as thoroughly as it can be checked without its checkpoint: hashes of all files, every graph opened,
// one short run through all of them, and what it answers against what its checkpoint answered.
import { AppError } from '../errors.ts'
import type { ModelManifest, PatchGrid } from '../model-package/manifest.ts'
import type { ModelPackage } from '../model-package/model-package.ts'
import { readPackage } from '../model-package/open-package.ts'
import { type VerifyProgress, verifyFiles } from '../model-package/verify-files.ts'
import { OnnxSession } from '../onnx/session.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor, type NamedTensors, type Tensor } from '../onnx/tensor.ts'
import { gridFeeds } from '../valley/patch-grid.ts'
import { pooledSize } from '../valley/spatial-pooling.ts'
import { measureQuality, type Quality } from './quality/measure-quality.ts'

/** Frames of the trial run: two show more than one, and every package takes them or at least one. */
const TRIAL_FRAMES = 2

/** What was checked. */
export interface VerifiedPackage {
  readonly manifest: ModelManifest
  readonly files: number
  readonly bytes: number
  /** Names of the graphs that were opened and run. */
  readonly graphs: readonly string[]
  /** How much of its checkpoint the package has kept; null when it was built unmeasured. */
  readonly quality: Quality | null
}

/**
 * Verifies a package.
 * @param onProgress called while files are hashed
 * @throws AppError PACKAGE_MISSING, PACKAGE_CORRUPT (file or graph by name), SHAPE_MISMATCH, INFERENCE_FAILED;
 *   signal.reason when aborted
 */
export async function verifyPackage(
  directory: string,
  onProgress?: (progress: VerifyProgress) => void,
  signal?: AbortSignal,
): Promise<VerifiedPackage> {
  const modelPackage = await readPackage(directory)
  await verifyFiles(modelPackage, onProgress, signal)
  const graphs = await runOnce(modelPackage, signal)
  const sizes = Object.values(modelPackage.manifest.files).map(({ bytes }) => bytes)
  return {
    manifest: modelPackage.manifest,
    files: sizes.length,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    graphs,
    quality: modelPackage.manifest.quality === undefined ? null : await measureQuality(modelPackage, signal),
  }
}

/** Runs grey frames and one token through every graph; one session is open at a time, so memory holds one graph. */
async function runOnce(modelPackage: ModelPackage, signal?: AbortSignal): Promise<string[]> {
  const { manifest } = modelPackage
  const done: string[] = []
  const run: RunGraph = async (file, feeds, output, shape) => {
    signal?.throwIfAborted()
    const session = await OnnxSession.open(modelPackage.pathOf(file))
    try {
      const tensor = assertShape(`${output} of ${file}`, (await session.run(feeds))[output], shape)
      assertFinite(modelPackage.directory, file, output, tensor.data)
      done.push(file)
      return tensor
    } finally {
      await session.dispose()
    }
  }

  if (manifest.patchGrid === null) await runSquares(manifest, run)
  else await runGrid(manifest, manifest.patchGrid, run)
  await runLanguage(manifest, run)
  return done
}

/** Runs a graph file and checks one output, which is given back. */
type RunGraph = (file: string, feeds: NamedTensors, output: string, shape: readonly number[]) => Promise<Tensor>

/** The visual side of a package whose frames keep their shape: a frame of one token. */
async function runGrid({ vision, language, graphs }: ModelManifest, grid: PatchGrid, run: RunGraph): Promise<void> {
  const { mergePatches, framesTogether } = grid
  const { patchPixels } = vision
  const wide = vision.width * mergePatches ** 2
  const side = mergePatches * patchPixels
  const grey = { heightPixels: side, widthPixels: side, values: new Float32Array(3 * side ** 2) }
  const feeds = gridFeeds(new Array(framesTogether).fill(grey), patchPixels, grid)
  const features = await run(graphs.visionEncoder, feeds, 'features', [1, 1, wide])
  await run(graphs.projector, { features }, 'projected', [1, 1, language.width])
}

/** The visual side of a package of square frames. */
async function runSquares(manifest: ModelManifest, run: RunGraph): Promise<void> {
  const { vision, graphs } = manifest
  const frames = Math.min(TRIAL_FRAMES, manifest.maxFrames)
  const { imagePixels: side, patches, width: visionWidth } = vision
  const { width } = manifest.language
  const pixels = float32Tensor(new Float32Array(frames * 3 * side * side), [frames, 3, side, side])
  const featureCount = patches + (vision.classFeature ? 1 : 0)
  const featureShape = [frames, featureCount, visionWidth]
  const features = await run(graphs.visionEncoder, { pixel_values: pixels }, 'features', featureShape)
  if (graphs.imageEncoder !== null) {
    await run(graphs.imageEncoder, { pixel_values: pixels }, 'features', featureShape)
  }
  // Families that lay features side by side project fewer and wider ones.
  const widening = projectorWidening(manifest)
  const projected = widening === 1 ? features : greyRows(frames, 1, visionWidth * widening)
  await run(graphs.projector, { features: projected }, 'projected', [frames, widening === 1 ? featureCount : 1, width])
  if (graphs.pooling !== null) {
    await run(graphs.pooling, { patches: greyRows(frames, patches, width) }, 'pooled', [patches, width])
  }
}

/** The language side: one token. */
async function runLanguage(manifest: ModelManifest, run: RunGraph): Promise<void> {
  const { language, graphs } = manifest
  const { width, vocabulary } = language
  const ids = int64Tensor([manifest.tokens.eos[0]!.id], [1])
  const embeddings = await run(graphs.embedTokens, { token_ids: ids }, 'embeddings', [1, width])
  const places: NamedTensors = manifest.patchGrid === null ? {} : { places: int64Tensor([0, 0, 0], [1, 3]) }
  const step = { ...firstStep(language, embeddings.data as Float32Array), ...places }
  await run(graphs.decoder, step, 'logits', [1, vocabulary])
  if (graphs.prefill !== null) {
    const { logit_rows: _, past_length: __, ...feeds }: NamedTensors = step
    const { layers, keyValueHeads, headWidth } = language
    await run(graphs.prefill, feeds, `present.${layers - 1}.value`, [1, keyValueHeads, 1, headWidth])
  }
}

/** How much wider than the tower's features the projector's input is. */
function projectorWidening({ frameTokens, vision }: ModelManifest): number {
  const pool = frameTokens?.video.pool
  return pool?.at === 'before-projector' ? pooledSize(Math.sqrt(vision.patches), pool.by).widening : 1
}

function greyRows(frames: number, rows: number, width: number): Tensor {
  return float32Tensor(new Float32Array(frames * rows * width), [frames, rows, width])
}

/** Inputs of the decoder for one position behind an empty cache. */
function firstStep(language: ModelManifest['language'], embeddings: Float32Array): NamedTensors {
  const { layers, keyValueHeads, headWidth, width } = language
  const empty = float32Tensor(new Float32Array(keyValueHeads * headWidth), [1, keyValueHeads, 1, headWidth])
  const past = Array.from({ length: layers }, (_, layer) => [
    [`past.${layer}.key`, empty],
    [`past.${layer}.value`, empty],
  ]).flat()
  return {
    inputs_embeds: float32Tensor(embeddings, [1, 1, width]),
    logit_rows: int64Tensor([0], [1]),
    past_length: int64Tensor([0], [1]),
    seqlens_k: int32Tensor(Int32Array.of(0), [1]),
    total_sequence_length: int32Tensor(Int32Array.of(1), []),
    ...Object.fromEntries(past),
  }
}

function assertFinite(directory: string, file: string, output: string, values: Float32Array): void {
  const index = values.findIndex((value) => !Number.isFinite(value))
  if (index === -1) return
  throw new AppError(
    'PACKAGE_CORRUPT',
    `The graph ${file} of ${directory} gives ${values[index]} in ${output}; only finite numbers are allowed. Build the package again, and check the checkpoint if it stays so.`,
    { details: { directory, file, output } },
  )
}
