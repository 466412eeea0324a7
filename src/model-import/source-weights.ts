// Weights of foreign graphs on their way into weights.data: from the graph's own file, or from a file beside it.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredWeight } from '../model-build/stored-weight.ts'
import type { SourceTensor } from './source-graph.ts'
import { WireError } from './wire.ts'

const READ_BYTES = 8 * 1024 * 1024

/**
 * The weights of one graph that leave it, by tensor.
 * @param directory of the graph: files that it names lie there and nowhere else
 * @param graph key of the graph, so that equal names of two graphs stay apart
 * @throws WireError for a file elsewhere, or bytes beyond its end
 */
export async function storedWeights(
  directory: string,
  graph: string,
  tensors: readonly SourceTensor[],
): Promise<Map<SourceTensor, StoredWeight>> {
  const weights = new Map<SourceTensor, StoredWeight>()
  for (const tensor of tensors) {
    const { name, place } = tensor
    if (place.kind === 'kept') continue
    const key = `${graph}/${name}`
    if (place.kind === 'inline') {
      weights.set(
        tensor,
        weight(key, place.bytes.length, () => pieces(place.bytes)),
      )
      continue
    }
    if (!/^[\w-][\w.-]*$/.test(place.location)) {
      throw new WireError(
        `${name} lies in ${JSON.stringify(place.location)}; a plain name of a file beside it is allowed`,
      )
    }
    const path = join(directory, place.location)
    const size = (await stat(path).catch(() => null))?.size
    if (size === undefined) throw new WireError(`${name} lies in ${place.location}, which is not there`)
    const bytes = place.bytes ?? size - place.offset
    if (bytes < 0 || place.offset + bytes > size) {
      throw new WireError(`${name} ends at byte ${place.offset + bytes} of ${place.location}, which has ${size}`)
    }
    weights.set(
      tensor,
      weight(key, bytes, () => fileRange(path, place.offset, bytes)),
    )
  }
  return weights
}

/** Bytes as they are; what they mean stays in the graph. */
function weight(key: string, bytes: number, chunks: () => AsyncGenerator<Uint8Array>): StoredWeight {
  return { key, elementType: 'uint8', dimensions: [bytes], bytes, chunks }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += READ_BYTES) yield bytes.subarray(start, start + READ_BYTES)
}

async function* fileRange(path: string, offset: number, bytes: number): AsyncGenerator<Uint8Array> {
  if (bytes === 0) return
  yield* createReadStream(path, { start: offset, end: offset + bytes - 1, highWaterMark: READ_BYTES })
}
