// A folder in the layout of transformers.js becomes a model package: the graphs are taken as they are, each between nodes
// that make it one of ours, and their weights go into one file. Nothing is computed anew, so a package is as exact as what
// was published.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from '../model-build/external-data.ts'
import { GraphBuilder } from '../model-build/graph-builder.ts'
import { GRAPH_FILES, TOKENIZER_FILES } from '../model-build/package-manifest.ts'
import type { Precision } from '../model-build/precision.ts'
import { type CheckpointOrigin, originFacts } from '../model-build/pulled-checkpoint.ts'
import { replaceFolder } from '../model-build/replace-folder.ts'
import type { StoredWeight } from '../model-build/stored-weight.ts'
import { type ModelManifest, manifestSchema } from '../model-package/manifest.ts'
import { MANIFEST_FILE } from '../model-package/open-package.ts'
import { tokensOfFrame } from '../valley/frame-token-count.ts'
import { chooseGraphs, GRAPHS_FOLDER } from './choose-graphs.ts'
import { GraphWrapper } from './graph-wrapper.ts'
import { type ImportedModel, readImport } from './read-import.ts'
import { readSourceGraph, type SourceTensor } from './source-graph.ts'
import { storedWeights } from './source-weights.ts'
import { WireError } from './wire.ts'
import { type ImportShapes, wrapDecoder, wrapEmbedTokens, wrapVisionEncoder } from './wrap-graphs.ts'

/** What to import and where. */
export interface ImportOptions {
  /** Holds config.json, the tokenizer, the processor's settings, and the graphs in onnx/. */
  readonly directory: string
  /** A folder that does not exist, is empty, or is a model package, which is then replaced. */
  readonly outputDirectory: string
  /** Chooses among the files of each graph. */
  readonly precision: Precision
  /** Where the folder came from; null for a folder of one's own. */
  readonly origin?: CheckpointOrigin | null
  /** Told how much of the weights is written. */
  readonly onProgress?: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void
  readonly signal?: AbortSignal
}

const WRAPPINGS = {
  visionEncoder: wrapVisionEncoder,
  embedTokens: wrapEmbedTokens,
  decoder: wrapDecoder,
} as const

/** A wrapped graph and its weights. */
interface WrappedGraph {
  readonly graph: GraphWrapper
  readonly weights: ReadonlyMap<SourceTensor, StoredWeight>
}

/**
 * Imports a folder. Memory holds the files of the graphs, of which none has more than 2 GB; weights in files of their own
 * pass through.
 * @returns the manifest of the package that now stands in outputDirectory
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, or CONFIG_INVALID for an output folder that holds
 *   something else; signal.reason when aborted
 */
export async function importPackage(options: ImportOptions): Promise<ModelManifest> {
  const { directory, precision, origin = null, onProgress, signal } = options
  return replaceFolder(options.outputDirectory, async (target) => {
    const model = await readImport(directory)
    const folder = join(directory, GRAPHS_FOLDER)
    const chosen = chooseGraphs(await readdir(folder).catch(() => []), precision, directory)
    const wrapped = new Map<keyof typeof WRAPPINGS, WrappedGraph>()
    for (const [name, wrap] of Object.entries(WRAPPINGS) as [keyof typeof WRAPPINGS, typeof wrapDecoder][]) {
      signal?.throwIfAborted()
      wrapped.set(name, await readGraph(folder, chosen[name], wrap, shapesOf(model)))
    }

    const layout = layOutWeights([...wrapped.values()].flatMap(({ weights }) => [...weights.values()]))
    const report = (bytesDone: number) => onProgress?.({ bytesDone, bytesTotal: layout.bytes })
    const sha256 = await writeWeights(join(target, WEIGHTS_FILE), layout, report, signal)
    const files: ModelManifest['files'] = { [WEIGHTS_FILE]: { bytes: layout.bytes, sha256 } }
    const write = async (file: string, bytes: Uint8Array | string) => {
      const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
      await writeFile(join(target, file), content, { flag: 'wx' })
      files[file] = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
    }
    for (const [name, { graph, weights }] of wrapped) {
      await write(
        GRAPH_FILES[name],
        graph.encode((tensor) => layout.placeOf(weights.get(tensor)!)),
      )
    }
    await write(GRAPH_FILES.projector, identityProjector(model.language.width))
    await write(TOKENIZER_FILES.file, JSON.stringify(model.tokenizer.tokenizer))
    await write(TOKENIZER_FILES.configFile, JSON.stringify(model.tokenizer.config))
    await write(TOKENIZER_FILES.chatTemplateFile, model.chatTemplate)

    const manifest = describeImport(model, precision, origin, files)
    await writeFile(join(target, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
    signal?.throwIfAborted()
    return manifest
  })
}

async function readGraph(
  folder: string,
  file: string,
  wrap: (graph: GraphWrapper, shapes: ImportShapes) => void,
  shapes: ImportShapes,
): Promise<WrappedGraph> {
  try {
    const source = readSourceGraph(await readFile(join(folder, file)))
    const graph = new GraphWrapper(file, source)
    wrap(graph, shapes)
    return { graph, weights: await storedWeights(folder, file, source.tensors) }
  } catch (error) {
    if (error instanceof AppError) throw error
    const problem = error instanceof WireError ? error.message : `cannot be read (${String(error)})`
    throw new AppError(
      'CHECKPOINT_INVALID',
      `${join(folder, file)} cannot be taken: ${problem}. Fetch the repository again, or choose another one.`,
      { details: { file }, cause: error },
    )
  }
}

function shapesOf({ vision, language }: ImportedModel): ImportShapes {
  const { imagePixels, patches, classFeature } = vision
  return { imagePixels, patches: patches + (classFeature ? 1 : 0), ...language }
}

/** The graphs of the layout project by themselves: features [T, N, Dl] -> projected [T, N, Dl]. */
function identityProjector(width: number): Uint8Array {
  const graph = new GraphBuilder('projector')
  graph.output('projected', graph.input('features', 'float32', ['T', 'N', width]), ['T', 'N', width])
  return graph.encode(() => {
    throw new Error('there are no weights in it')
  })
}

function describeImport(
  { facts, vision, language }: ImportedModel,
  precision: Precision,
  origin: CheckpointOrigin | null,
  files: ModelManifest['files'],
): ModelManifest {
  const { name, description, family, licence, source, frames, pixels, tokens, frameTokens, prompt } = facts
  const each = tokensOfFrame(frameTokens!.video, vision.patches)
  return manifestSchema.parse({
    formatVersion: 1,
    ...{ name, licence, source },
    ...(origin === null ? {} : originFacts(origin, licence)),
    description,
    family,
    precision,
    vision,
    language,
    pooling: 'none',
    frameTokens,
    // Half of the context, as for packages that are built.
    maxFrames: Math.max(1, Math.floor(language.context / 2 / each)),
    frames,
    pixels,
    tokens,
    prompt,
    graphs: { ...GRAPH_FILES, imageEncoder: null, pooling: null, prefill: null },
    tokenizer: { ...TOKENIZER_FILES },
    files,
  })
}
