// What a repository is taken for: a checkpoint that a package is built from, or graphs that others exported. Each says which
// files it needs and makes the package of them.
import { AppError } from '../errors.ts'
import { type BuildOptions, buildCheckpoint } from '../model-build/build-package.ts'
import { requireSupportedCheckpoint } from '../model-build/checkpoint.ts'
import { MOST_PREFILL_BYTES } from '../model-build/fast-prefill.ts'
import { PRECISION_PLANS, type Precision } from '../model-build/precision.ts'
import { type CheckpointOrigin, readPulledCheckpoint } from '../model-build/pulled-checkpoint.ts'
import { hasWeights, weightFiles } from '../model-hub/choose-files.ts'
import type { Repository, RepositoryFile } from '../model-hub/repository.ts'
import { chooseGraphs, dataFilesOf, GRAPHS_FOLDER, isTransformersJsLayout } from '../model-import/choose-graphs.ts'
import { importPackage } from '../model-import/import-package.ts'
import { readImport } from '../model-import/read-import.ts'
import type { ModelManifest } from '../model-package/manifest.ts'

/** What a package is made of. */
export interface PullSource {
  /** Looks at what is small: throws CHECKPOINT_* for what cannot be made a package. */
  check(directory: string): Promise<void>
  /** The precision where neither the person nor the catalogue says. */
  usualPrecision(repository: Repository, directory: string): Promise<Precision>
  /** Files with weights. */
  largeFiles(repository: Repository, directory: string, precision: Precision): Promise<readonly RepositoryFile[]>
  /** Bytes of the package, with room to spare, that is made of so many bytes of those files. */
  packageBytes(weightBytes: number, precision: Precision): number
  build(options: PullBuildOptions): Promise<ModelManifest>
}

/** How to make the package. */
export interface PullBuildOptions {
  readonly directory: string
  readonly outputDirectory: string
  readonly precision: Precision
  readonly origin: CheckpointOrigin
  readonly onProgress: (progress: {
    readonly bytesDone: number
    readonly bytesTotal: number
    readonly secondsLeft?: number | null
  }) => void
  readonly signal: AbortSignal
}

/** How a package is built from a checkpoint; graphs are taken as they are. */
export interface CheckpointWishes {
  /** Folder of the model that the checkpoint is a delta of. */
  readonly baseDirectory: string | undefined
  /** Folder of the vision tower that the checkpoint was published without. */
  readonly towerDirectory: string | undefined
  /** Threads that make the weights. */
  readonly threads: number | undefined
  /** Measures the package against the checkpoint; undefined for not at all. */
  readonly measure: BuildOptions['measure']
}

/** Checkpoints above this are built at 4 bits unless told otherwise: at 8 they would not fit the memory of most machines. */
const LARGE_CHECKPOINT_BYTES = 8e9
/** Bytes of the package for each byte of a checkpoint of 16-bit floats, without what reads prompts fast. */
const CHECKPOINT_SHARE: Readonly<Record<Precision, number>> = { fp32: 2.05, fp16: 1.05, int8: 0.7, int4: 0.5 }
/** Graphs are taken as they are. */
const GRAPHS_SHARE = 1.05

/**
 * Decides what a repository is taken for: a checkpoint where it has weights, unless its graphs are asked for.
 * @throws AppError CHECKPOINT_UNSUPPORTED when graphs are asked for and there are none
 */
export function chooseSource(repository: Repository, asksForGraphs: boolean, wishes: CheckpointWishes): PullSource {
  const hasGraphs = isTransformersJsLayout(graphNames(repository))
  if (asksForGraphs && !hasGraphs) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${repository.name} has no graphs in the layout of transformers.js (vision_encoder, embed_tokens and decoder_model_merged in ${GRAPHS_FOLDER}/). Leave --onnx out, to build from the checkpoint.`,
      { details: { repository: repository.name } },
    )
  }
  return asksForGraphs || (hasGraphs && !hasWeights(repository)) ? GRAPHS : checkpointSource(wishes)
}

function checkpointSource({ baseDirectory, towerDirectory, threads, measure }: CheckpointWishes): PullSource {
  return {
    check: (directory) => requireSupportedCheckpoint(directory, baseDirectory, towerDirectory),
    async usualPrecision(repository, directory) {
      const files = await weightFiles(repository, directory)
      return files.reduce((sum, { bytes }) => sum + bytes, 0) > LARGE_CHECKPOINT_BYTES ? 'int4' : 'int8'
    },
    largeFiles: (repository, directory) => weightFiles(repository, directory),
    packageBytes: (bytes, precision) => bytes * CHECKPOINT_SHARE[precision] + mostPrefillBytes(bytes, precision),
    build: ({ directory, origin, ...options }) =>
      buildCheckpoint(() => readPulledCheckpoint(directory, origin, baseDirectory, towerDirectory), {
        ...options,
        threads,
        measure,
      }),
  }
}

/** A byte for each of the decoder's weights, which are at most the whole checkpoint. */
function mostPrefillBytes(checkpointBytes: number, precision: Precision): number {
  return PRECISION_PLANS[precision].fastPrefill ? Math.min(checkpointBytes / 2, MOST_PREFILL_BYTES) : 0
}

const GRAPHS: PullSource = {
  async check(directory) {
    await readImport(directory)
  },
  usualPrecision: () => Promise.resolve('int8'),
  async largeFiles(repository, _, precision) {
    const names = graphNames(repository)
    const chosen = chooseGraphs(names, precision, repository.name)
    const wanted = [...Object.values(chosen), ...dataFilesOf(names, chosen)].map((name) => `${GRAPHS_FOLDER}/${name}`)
    return repository.files.filter(({ path }) => wanted.includes(path))
  },
  packageBytes: (bytes) => bytes * GRAPHS_SHARE,
  build: (options) => importPackage(options),
}

/** Names in the folder of graphs. */
function graphNames({ files }: Repository): string[] {
  const prefix = `${GRAPHS_FOLDER}/`
  return files.filter(({ path }) => path.startsWith(prefix)).map(({ path }) => path.slice(prefix.length))
}
