// The data file of a package: all weights of all graphs, one after the other, written as a stream and hashed on the way.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { assert } from '../assert.ts'
import type { ExternalPlace } from './graph-builder.ts'
import type { StorageThreads } from './storage-threads.ts'
import type { StoredWeight } from './stored-weight.ts'
import { WorkAhead } from './work-ahead.ts'

/** Name of a package's data file; graphs refer to it by this name, so it lies beside them. */
export const WEIGHTS_FILE = 'weights.data'
/** Page size: the runtime maps each weight from the file without a copy only from a page's start. */
const ALIGNMENT_BYTES = 4096

/** Where everything goes; known before anything is written. */
export interface DataLayout {
  /** Each distinct weight once, in file order. */
  readonly weights: readonly StoredWeight[]
  readonly bytes: number
  placeOf(weight: StoredWeight): ExternalPlace
}

/**
 * Gives each weight its place; weights with the same key (a tied head, tables used twice) share one.
 * @param file name of the data file
 * @param beside weights that have their place there need none in this file
 */
export function layOutWeights(weights: Iterable<StoredWeight>, file = WEIGHTS_FILE, beside?: DataLayout): DataLayout {
  const elsewhere = new Set(beside?.weights.map(({ key }) => key))
  const places = new Map<string, ExternalPlace>()
  const distinct: StoredWeight[] = []
  let end = 0
  for (const weight of weights) {
    if (places.has(weight.key) || elsewhere.has(weight.key)) continue
    const offset = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    places.set(weight.key, { file, offset, bytes: weight.bytes })
    distinct.push(weight)
    end = offset + weight.bytes
  }
  return {
    weights: distinct,
    bytes: end,
    placeOf(weight) {
      const place = places.get(weight.key) ?? (elsewhere.has(weight.key) ? beside!.placeOf(weight) : undefined)
      assert(place !== undefined, `${weight.key} was not laid out`)
      return place
    },
  }
}

/**
 * Writes the data file. Memory stays at a few pieces of 4 MiB, and as many a thread, whatever the file's size.
 * @param onBytes called after each piece with the bytes written so far
 * @param threads make the weights; without them this one does. The bytes are the same.
 * @returns SHA-256 of the file, hexadecimal
 * @throws what a weight's stream throws; signal.reason when aborted
 */
export async function writeWeights(
  path: string,
  layout: DataLayout,
  onBytes: (bytesDone: number) => void,
  signal?: AbortSignal,
  threads: StorageThreads | null = null,
): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  const ahead = threads === null ? null : new WorkAhead(layout.weights, threads)
  let position = 0
  const append = async (bytes: Uint8Array) => {
    hash.update(bytes)
    let written = 0
    while (written < bytes.length) {
      written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten
    }
    position += bytes.length
  }
  try {
    for (const weight of layout.weights) {
      const { offset } = layout.placeOf(weight)
      await append(new Uint8Array(offset - position))
      for await (const piece of ahead?.chunks(weight) ?? weight.chunks()) {
        signal?.throwIfAborted()
        await append(piece)
        onBytes(position)
      }
      assert(position === offset + weight.bytes, `${weight.key} gave ${position - offset} bytes, not ${weight.bytes}`)
    }
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}
