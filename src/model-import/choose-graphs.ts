// Which files of the folder onnx/ are taken for a precision. The layout has each graph in several, told apart by what
// follows its name; not every repository has all of them.
import { AppError } from '../errors.ts'
import type { Precision } from '../model-build/precision.ts'

/** Folder of the graphs. */
export const GRAPHS_FOLDER = 'onnx'

/** Graphs of the layout under the names that a package has for them. */
const NAMES = {
  visionEncoder: 'vision_encoder',
  embedTokens: 'embed_tokens',
  decoder: 'decoder_model_merged',
} as const

/** A graph that every package of the layout has. */
export type SourceGraphName = keyof typeof NAMES
/** File of each graph, by name within the folder. */
export type ChosenGraphs = Readonly<Record<SourceGraphName, string>>

/** What may follow a name for a precision, the best first; what is stored finer serves too. */
const SUFFIXES: Readonly<Record<Precision, readonly string[]>> = {
  fp32: [''],
  fp16: ['_fp16', ''],
  int8: ['_quantized', '_int8', '_uint8', '_fp16', ''],
  int4: ['_q4', '_q4f16', '_bnb4', '_quantized', '_int8', '_uint8', '_fp16', ''],
}
/** A table is looked up, not multiplied with: 16 bits cost no time and lose nothing. */
const TABLE_SUFFIXES: Readonly<Record<Precision, readonly string[]>> = {
  ...SUFFIXES,
  int8: ['_fp16', '_quantized', '_int8', '_uint8', ''],
  int4: ['_fp16', '_q4f16', '_quantized', '_int8', '_uint8', ''],
}

/** Whether files of a folder are those of the layout. */
export function isTransformersJsLayout(files: readonly string[]): boolean {
  return Object.values(NAMES).every((name) => files.some((file) => file.startsWith(name) && file.endsWith('.onnx')))
}

/**
 * Chooses a file for each graph.
 * @param files names in the folder onnx/
 * @param place for messages: the folder or the repository
 * @throws AppError CHECKPOINT_UNSUPPORTED when there is none that serves
 */
export function chooseGraphs(files: readonly string[], precision: Precision, place: string): ChosenGraphs {
  const choose = (graph: SourceGraphName): string => {
    const suffixes = (graph === 'embedTokens' ? TABLE_SUFFIXES : SUFFIXES)[precision]
    const wanted = suffixes.map((suffix) => `${NAMES[graph]}${suffix}.onnx`)
    const found = wanted.find((file) => files.includes(file))
    if (found !== undefined) return found
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${place} has none of ${wanted.join(', ')} in ${GRAPHS_FOLDER}/; one is needed for ${precision}. Choose another precision or repository.`,
      { details: { place, precision } },
    )
  }
  return { visionEncoder: choose('visionEncoder'), embedTokens: choose('embedTokens'), decoder: choose('decoder') }
}

/** The files that hold weights of the chosen graphs: their names go on where the graph's ends. */
export function dataFilesOf(files: readonly string[], chosen: ChosenGraphs): readonly string[] {
  return files.filter((file) => Object.values(chosen).some((graph) => file.startsWith(`${graph}_data`)))
}
