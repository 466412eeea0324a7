// A graph that reads prompts fast, beside a package whose decoder is made for one new token at a time. Its weights are a
// second set, a byte each, in a file of their own: they are written where they stay small, and taken away again where a
// measurement finds them too coarse.
import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { LanguageModel } from './architecture.ts'
import { type DataLayout, layOutWeights, writeWeights } from './external-data.ts'
import { GRAPH_FILES } from './package-manifest.ts'
import { buildPrefillGraph } from './prefill-graph.ts'
import type { StorageThreads } from './storage-threads.ts'
import { elementsOf } from './weight-source.ts'

/** Name of the second data file. */
export const PREFILL_WEIGHTS_FILE = 'prefill.data'
/** Largest second set: room for the blocks of models up to about half a billion weights. */
export const MOST_PREFILL_BYTES = 512 * 1024 * 1024

/** Whether a second set of weights is small enough to be worth its disk and memory. */
export function isSmallEnough({ blocks }: LanguageModel): boolean {
  const products = blocks.flatMap(({ queryKeyValue, output, gate, up, down }) => [
    queryKeyValue,
    output,
    gate,
    up,
    down,
  ])
  return products.reduce((sum, { weight }) => sum + elementsOf(weight.shape), 0) <= MOST_PREFILL_BYTES
}

/**
 * Writes the graph and its weights.
 * @param beside the package's own data, which holds the norms and tables that both need
 * @param threads as writeWeights
 * @returns what the manifest says of the files
 * @throws AppError CHECKPOINT_INVALID; signal.reason when aborted
 */
export async function writePrefill(
  directory: string,
  language: LanguageModel,
  beside: DataLayout,
  signal?: AbortSignal,
  threads: StorageThreads | null = null,
): Promise<ModelManifest['files']> {
  const graph = buildPrefillGraph(language)
  const layout = layOutWeights(graph.weights(), PREFILL_WEIGHTS_FILE, beside)
  const sha256 = await writeWeights(join(directory, PREFILL_WEIGHTS_FILE), layout, () => {}, signal, threads)
  const bytes = graph.encode(layout.placeOf)
  await writeFile(join(directory, GRAPH_FILES.prefill), bytes, { flag: 'wx' })
  return {
    [PREFILL_WEIGHTS_FILE]: { bytes: layout.bytes, sha256 },
    [GRAPH_FILES.prefill]: { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  }
}

/** Takes the graph and its weights out of a package. @returns the manifest without them */
export async function removePrefill(directory: string, manifest: ModelManifest): Promise<ModelManifest> {
  const names: readonly string[] = [PREFILL_WEIGHTS_FILE, GRAPH_FILES.prefill]
  for (const name of names) await rm(join(directory, name))
  const files = Object.fromEntries(Object.entries(manifest.files).filter(([name]) => !names.includes(name)))
  return { ...manifest, graphs: { ...manifest.graphs, prefill: null }, files }
}
