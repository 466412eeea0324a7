// A checkpoint becomes a model package: read, describe, write weights and graphs beside the goal, write the manifest,
// move into place. Until the last step the goal is untouched, and a failure leaves nothing behind.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { halfFile } from '../model-package/half-file.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import { MANIFEST_FILE, readPackage } from '../model-package/open-package.ts'
import { isGridTower, type Pooling, type ValleyArchitecture } from './architecture.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { buildDecoderGraph } from './decoder-graph.ts'
import { buildEmbedTokensGraph } from './embed-tokens-graph.ts'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from './external-data.ts'
import { isSmallEnough, removePrefill, writePrefill } from './fast-prefill.ts'
import type { GraphBuilder } from './graph-builder.ts'
import { buildGridTowerGraph } from './grid-tower-graph.ts'
import { describePackage, GRAPH_FILES, maxFrames, TOKENIZER_FILES } from './package-manifest.ts'
import { buildPoolingGraph } from './pooling-graph.ts'
import { type MatrixFormat, PRECISION_PLANS, type Precision, type PrecisionPlan } from './precision.ts'
import { buildProjectorGraph } from './projector-graph.ts'
import { chooseTowerFormat } from './quality/choose-tower.ts'
import { measureQuality, type Quality } from './quality/measure-quality.ts'
import { belowFloor, QUALITY_FLOORS, requireFloor } from './quality/quality-floor.ts'
import { QUALITY_FILE } from './quality/quality-reference.ts'
import { makeQualityReference } from './quality/write-reference.ts'
import { replaceFolder } from './replace-folder.ts'
import { startStorageThreads } from './storage-threads.ts'
import { buildVisionEncoderGraph, featureCount } from './vision-encoder-graph.ts'

/** How far the build has come. Weights are nearly all of the work. */
export interface BuildProgress {
  readonly bytesDone: number
  readonly bytesTotal: number
  /** Estimate from the speed so far; null before the first bytes. */
  readonly secondsLeft: number | null
}

/** What to build and where. */
export interface BuildOptions {
  readonly checkpointDirectory: string
  /** The model that the checkpoint is a delta of. */
  readonly baseDirectory?: string | undefined
  /** Where the vision tower lies that the checkpoint was published without. */
  readonly towerDirectory?: string | undefined
  /** A folder that does not exist, is empty, or is a model package, which is then replaced. */
  readonly outputDirectory: string
  readonly precision: Precision
  /** False to leave out the weights that let prompts be read faster; default as the precision and the size say. */
  readonly fastPrefill?: boolean | undefined
  /** How many threads make the weights; default one for each core, and this one alone for a small package. */
  readonly threads?: number | undefined
  /** Measures the package against its checkpoint and refuses one under the floor; `allowLoss` takes it all the same. */
  readonly measure?: { readonly allowLoss: boolean; readonly onMeasured?: (quality: Quality) => void } | undefined
  readonly onProgress?: (progress: BuildProgress) => void
  /** Milliseconds of any clock that only goes forward; default performance.now. */
  readonly now?: () => number
  readonly signal?: AbortSignal
}

/**
 * Builds a package. Memory stays bounded whatever the checkpoint's size.
 * @returns the manifest of the package that now stands in outputDirectory
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, or CONFIG_INVALID for an output folder that holds
 *   something else; QUALITY_TOO_LOW for a package under the floor; signal.reason when aborted
 */
export async function buildPackage(options: BuildOptions): Promise<ModelManifest> {
  return buildCheckpoint(
    () => readCheckpoint(options.checkpointDirectory, options.baseDirectory, options.towerDirectory),
    options,
  )
}

/**
 * Builds a package from a checkpoint that may be described by other means than its files, such as random weights of a shape.
 * @param describe called once the output folder is known to be usable
 * @returns as buildPackage
 * @throws as buildPackage
 */
export async function buildCheckpoint(
  describe: () => Promise<Checkpoint>,
  options: Omit<BuildOptions, 'checkpointDirectory'>,
): Promise<ModelManifest> {
  const { precision, signal } = options
  return replaceFolder(options.outputDirectory, async (directory) => {
    const checkpoint = await describe()
    maxFrames(checkpoint) // fails before the long work
    const plan = await choosePlan(checkpoint, directory, options)
    const graphs = buildGraphs(checkpoint.architecture, plan)
    const layout = layOutWeights([...graphs.values()].flatMap((graph) => graph.weights()))

    const { language } = checkpoint.architecture
    const hasPrefill = plan.fastPrefill && options.fastPrefill !== false && isSmallEnough(language)
    const files: ModelManifest['files'] = {}
    const threads = startStorageThreads(layout.bytes, options.threads)
    try {
      const report = progressReporter(options, layout.bytes)
      const sha256 = await writeWeights(join(directory, WEIGHTS_FILE), layout, report, signal, threads)
      files[WEIGHTS_FILE] = { bytes: layout.bytes, sha256 }
      if (hasPrefill) Object.assign(files, await writePrefill(directory, language, layout, signal, threads))
    } finally {
      await threads?.close()
    }
    for (const [file, graph] of graphs) {
      files[file] = await writeHashed(directory, file, graph.encode(layout.placeOf))
    }
    for (const [file, text] of tokenizerTexts(checkpoint)) {
      files[file] = await writeHashed(directory, file, new TextEncoder().encode(text))
    }

    const manifest = describePackage(checkpoint, precision, files, plan.vision, hasPrefill)
    await writeManifest(directory, manifest)
    signal?.throwIfAborted()
    return options.measure === undefined ? manifest : measured(directory, checkpoint, manifest, options)
  })
}

/** What is stored how: as the precision says, but towers in whole 8-bit numbers where that is measured to do. */
async function choosePlan(
  checkpoint: Checkpoint,
  directory: string,
  { precision, measure, signal }: Pick<BuildOptions, 'precision' | 'measure' | 'signal'>,
): Promise<PrecisionPlan> {
  const plan = PRECISION_PLANS[precision]
  if (measure === undefined || plan.vision !== 'int8') return plan
  return { ...plan, vision: await chooseTowerFormat(checkpoint, directory, signal) }
}

/** Adds the checkpoint's own answers to a package and holds the package against them. */
async function measured(
  directory: string,
  { architecture }: Checkpoint,
  manifest: ModelManifest,
  { precision, measure, signal }: Pick<BuildOptions, 'precision' | 'measure' | 'signal'>,
): Promise<ModelManifest> {
  const work = await mkdtemp(join(directory, 'measure-'))
  const reference = await makeQualityReference(architecture, await readPackage(directory), work, signal)
  await rm(work, { recursive: true, force: true })
  const text = new TextEncoder().encode(JSON.stringify(reference))
  const whole = {
    ...manifest,
    quality: QUALITY_FILE,
    files: { ...manifest.files, [QUALITY_FILE]: await writeHashed(directory, QUALITY_FILE, text) },
  }
  await writeManifest(directory, whole)
  const [kept, quality] = await measurePrefill(directory, whole, signal)
  measure?.onMeasured?.(quality)
  if (measure?.allowLoss !== true) requireFloor(manifest.name, quality, precision)
  return kept
}

/** Measures a package, without the fast way to read prompts where that loses more than 8 bits explain. */
async function measurePrefill(
  directory: string,
  manifest: ModelManifest,
  signal?: AbortSignal,
): Promise<[ModelManifest, Quality]> {
  const quality = await measureQuality(await readPackage(directory), signal)
  if (manifest.graphs.prefill === null) return [manifest, quality]
  const plain = { ...manifest, graphs: { ...manifest.graphs, prefill: null } }
  await writeManifest(directory, plain)
  const without = await measureQuality(await readPackage(directory), signal)
  const isSound = belowFloor(quality, manifest.precision).length <= belowFloor(without, manifest.precision).length
  if (isSound && quality.divergence <= without.divergence + QUALITY_FLOORS.int8.divergence) {
    await writeManifest(directory, manifest)
    return [manifest, quality]
  }
  const kept = await removePrefill(directory, manifest)
  await writeManifest(directory, kept)
  return [kept, without]
}

async function writeManifest(directory: string, manifest: ModelManifest): Promise<void> {
  await writeFile(join(directory, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Whether the projector sees other features than the tower gives. */
function isPooledBefore({ kind }: Pooling): boolean {
  return kind === 'none' || kind === 'space-and-time'
}

function buildTowerGraph(tower: ValleyArchitecture['vision'], format: MatrixFormat): GraphBuilder {
  return isGridTower(tower) ? buildGridTowerGraph(tower, format) : buildVisionEncoderGraph(tower, format)
}

/** Every graph of a package by its file name. */
function buildGraphs({ vision, imageVision, projector, pooling, language }: ValleyArchitecture, plan: PrecisionPlan) {
  const graphs = new Map<string, GraphBuilder>([
    [GRAPH_FILES.visionEncoder, buildTowerGraph(vision, plan.vision)],
    [
      GRAPH_FILES.projector,
      buildProjectorGraph(
        projector,
        isPooledBefore(pooling) || isGridTower(vision) ? null : featureCount(vision),
        plan.projector,
      ),
    ],
    [GRAPH_FILES.embedTokens, buildEmbedTokensGraph(language.embedding, plan.embedding)],
    [GRAPH_FILES.decoder, buildDecoderGraph(language, plan.decoder, plan.head)],
  ])
  if (plan.decoder === 'float16') {
    graphs.set(halfFile(GRAPH_FILES.decoder), buildDecoderGraph(language, 'half', 'half'))
  }
  if (imageVision !== null) {
    graphs.set(GRAPH_FILES.imageEncoder, buildVisionEncoderGraph(imageVision, plan.vision))
  }
  const poolingGraph = buildPoolingGraph(pooling, vision.patches, language.width, plan.pooling)
  if (poolingGraph !== null) graphs.set(GRAPH_FILES.pooling, poolingGraph)
  return graphs
}

function tokenizerTexts({ tokenizer, chatTemplate }: Checkpoint): [string, string][] {
  return [
    [TOKENIZER_FILES.file, JSON.stringify(tokenizer.tokenizer)],
    [TOKENIZER_FILES.configFile, JSON.stringify(tokenizer.config)],
    [TOKENIZER_FILES.chatTemplateFile, chatTemplate],
  ]
}

async function writeHashed(directory: string, file: string, bytes: Uint8Array) {
  await writeFile(join(directory, file), bytes, { flag: 'wx' })
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function progressReporter(
  options: Omit<BuildOptions, 'checkpointDirectory'>,
  bytesTotal: number,
): (bytesDone: number) => void {
  const now = options.now ?? (() => performance.now())
  const started = now()
  return (bytesDone) => {
    const seconds = (now() - started) / 1000
    const secondsLeft = bytesDone === 0 ? null : (seconds / bytesDone) * (bytesTotal - bytesDone)
    options.onProgress?.({ bytesDone, bytesTotal, secondsLeft })
  }
}
