// A graph whose weights are read from the checkpoint for each run and forgotten after it. A network of any size runs in
// float32 this way, block by block, in the memory of one block; slow, and meant for the few runs of a measurement.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../../assert.ts'
import { OnnxSession } from '../../onnx/session.ts'
import { float32Tensor, type NamedTensors, type Tensor } from '../../onnx/tensor.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import type { StoredWeight } from '../stored-weight.ts'

/**
 * Runs a graph on several feeds, its weights read once.
 * @param directory for the graph's file, which is overwritten by the next one
 * @returns the wanted output of each run
 * @throws AppError CHECKPOINT_INVALID, INFERENCE_FAILED; signal.reason when aborted
 */
export async function runFed(
  graph: GraphBuilder,
  runs: readonly NamedTensors[],
  output: string,
  directory: string,
  signal?: AbortSignal,
): Promise<Tensor[]> {
  const path = join(directory, 'measured.onnx')
  await writeFile(path, graph.encodeFed())
  const weights = await readWeights(graph, signal)
  const session = await OnnxSession.open(path)
  try {
    const results: Tensor[] = []
    for (const feeds of runs) {
      signal?.throwIfAborted()
      results.push((await session.run({ ...feeds, ...weights }, [output]))[output]!)
    }
    return results
  } finally {
    await session.dispose()
  }
}

async function readWeights(graph: GraphBuilder, signal?: AbortSignal): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {}
  for (const weight of graph.weights()) {
    signal?.throwIfAborted()
    tensors[weight.key] = float32Tensor(await readWhole(weight), weight.dimensions)
  }
  return tensors
}

async function readWhole(weight: StoredWeight): Promise<Float32Array> {
  assert(weight.elementType === 'float32', `${weight.key} is ${weight.elementType}; only float32 is fed`)
  const bytes = new Uint8Array(weight.bytes)
  let at = 0
  for await (const piece of weight.chunks()) {
    bytes.set(piece, at)
    at += piece.length
  }
  return new Float32Array(bytes.buffer)
}
