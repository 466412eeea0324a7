// The tensors of a .bin file: the pickle's descriptions, held against the archive's entries.
import { open } from 'node:fs/promises'
import { AppError } from '../errors.ts'
import { readPickle } from './pickle.ts'
import { PickledTensor } from './pickle-values.ts'
import { ELEMENT_BYTES, type StoredTensor } from './safetensors-header.ts'
import { type ArchiveEntry, readTorchArchive } from './torch-archive.ts'

const PICKLE_ENTRY = 'data.pkl'
/** The pickle of a shard with a thousand tensors has about 100 kB. */
const MAX_PICKLE_BYTES = 8 * 1024 * 1024
const MAX_DIMENSIONS = 8

/**
 * Finds every tensor of a .bin file; values stay on the disk, and nothing in the file is executed.
 * @returns tensors by name
 * @throws AppError CHECKPOINT_UNSUPPORTED for a pickle that does more than describe tensors, CHECKPOINT_INVALID
 */
export async function readTorchFile(path: string): Promise<Map<string, StoredTensor>> {
  const entries = await readTorchArchive(path)
  const order = entries.get('byteorder')
  if (order !== undefined && (await readEntry(path, order, 16)).toString('latin1') !== 'little') {
    throw invalid(path, 'was saved on a machine with the high byte first; the low byte first is expected')
  }
  const pickle = entries.get(PICKLE_ENTRY)
  if (pickle === undefined) throw invalid(path, `holds no ${PICKLE_ENTRY}; torch.save writes one`)
  const state = readPickle(path, await readEntry(path, pickle, MAX_PICKLE_BYTES))
  if (!(state instanceof Map)) throw invalid(path, 'holds no dictionary of tensors; a state dict is expected')
  const tensors = new Map<string, StoredTensor>()
  for (const [name, value] of state) {
    if (typeof name !== 'string' || !(value instanceof PickledTensor)) {
      const shown = typeof name === 'string' ? JSON.stringify(name) : 'a key that is no text'
      throw invalid(path, `holds ${shown}, not of a tensor; a flat state dict is expected`)
    }
    tensors.set(name, placeTensor(path, name, value, entries))
  }
  return tensors
}

function placeTensor(
  path: string,
  name: string,
  { storage, firstElement, shape, strides }: PickledTensor,
  entries: ReadonlyMap<string, ArchiveEntry>,
): StoredTensor {
  const fail = (problem: string) => invalid(path, `states the tensor ${JSON.stringify(name)} ${problem}`)
  const entry = /^\d+$/.test(storage.key) ? entries.get(`data/${storage.key}`) : undefined
  if (entry === undefined) throw fail(`in the storage ${JSON.stringify(storage.key)}, which is not there`)
  if (shape.length > MAX_DIMENSIONS || shape.length !== strides.length) {
    throw fail(`with the shape [${shape.join(', ')}] and strides [${strides.join(', ')}]`)
  }
  if (!isRowMajor(shape, strides)) {
    throw fail(`with the strides [${strides.join(', ')}] for [${shape.join(', ')}]; row after row is expected`)
  }
  const elementBytes = ELEMENT_BYTES[storage.dtype]!
  const elements = shape.reduce((product, size) => product * size, 1)
  const end = firstElement + elements
  if (!(end <= storage.elements) || storage.elements * elementBytes > entry.bytes) {
    throw fail(
      `up to element ${end} of a storage that states ${storage.elements} and has ${entry.bytes} bytes; it must lie inside`,
    )
  }
  return {
    name,
    dtype: storage.dtype,
    shape,
    path,
    offset: entry.offset + firstElement * elementBytes,
    bytes: elements * elementBytes,
  }
}

/** Sizes of 1 may have any stride. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return shape.includes(0)
    expected *= shape[axis]!
  }
  return true
}

async function readEntry(path: string, { offset, bytes }: ArchiveEntry, most: number): Promise<Buffer> {
  if (bytes > most) throw invalid(path, `holds a description of ${bytes} bytes; at most ${most} are allowed`)
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(bytes)
    await file.read(buffer, 0, bytes, offset)
    return buffer
  } finally {
    await file.close()
  }
}

function invalid(path: string, problem: string): AppError {
  return new AppError('CHECKPOINT_INVALID', `${path} ${problem}. Fetch or save the checkpoint again.`, {
    details: { path },
  })
}
