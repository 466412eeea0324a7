// The header of a .safetensors file: 8 bytes of length, then JSON with dtype, shape and byte range of each tensor. A
// checkpoint comes from outside, so nothing in the header is believed before it was checked against the file.
import { open } from 'node:fs/promises'
import { AppError } from '../errors.ts'

/** As the format's own library: a larger header is an attack or a mistake. */
const MAX_HEADER_BYTES = 100_000_000
const LENGTH_BYTES = 8
const MAX_DIMENSIONS = 8

/** Bytes of one element, for every dtype that the format knows with whole bytes. */
export const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
}

/** Where one tensor lies: checked to be inside the file, with as many bytes as its shape and dtype need. */
export interface StoredTensor {
  readonly name: string
  /** Name of the format, for instance F32, F16 or BF16. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Path of the file. */
  readonly path: string
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly bytes: number
}

/**
 * Reads and checks the header of one file.
 * @returns tensors by name, in file order
 * @throws AppError CHECKPOINT_INVALID naming the file and, where there is one, the tensor
 */
export async function readSafetensorsHeader(path: string): Promise<Map<string, StoredTensor>> {
  const { header, dataStart, fileBytes } = await readHeader(path)
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => checkTensor(path, name, entry, dataStart, fileBytes))
    .sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)
  checkCoverage(path, tensors, dataStart, fileBytes)
  return new Map(tensors.map((tensor) => [tensor.name, tensor]))
}

async function readHeader(path: string) {
  const file = await open(path).catch((cause: unknown) => {
    throw invalid(path, 'cannot be opened; it must be a readable file', cause)
  })
  try {
    const fileBytes = (await file.stat()).size
    const lengthField = Buffer.alloc(LENGTH_BYTES)
    const { bytesRead } = await file.read(lengthField, 0, LENGTH_BYTES, 0)
    if (bytesRead < LENGTH_BYTES) throw invalid(path, `has ${fileBytes} bytes; a header needs at least ${LENGTH_BYTES}`)
    const headerBytes = lengthField.readBigUInt64LE()
    if (headerBytes > MAX_HEADER_BYTES) {
      throw invalid(path, `states a header of ${headerBytes} bytes; at most ${MAX_HEADER_BYTES} are allowed`)
    }
    const dataStart = LENGTH_BYTES + Number(headerBytes)
    if (dataStart > fileBytes) {
      throw invalid(path, `states a header of ${headerBytes} bytes, but the file ends after ${fileBytes} bytes`)
    }
    const text = Buffer.alloc(Number(headerBytes))
    await file.read(text, 0, text.length, LENGTH_BYTES)
    return { header: parseHeader(path, text.toString('utf8')), dataStart, fileBytes }
  } finally {
    await file.close()
  }
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw invalid(path, 'has a header that is not JSON', cause)
  }
  if (!isObject(header)) throw invalid(path, 'has a header that is not a JSON object')
  return header
}

function checkTensor(path: string, name: string, entry: unknown, dataStart: number, fileBytes: number): StoredTensor {
  const fail = (problem: string) => invalid(path, `states the tensor ${JSON.stringify(name)} ${problem}`)
  if (!isObject(entry)) throw fail('without dtype, shape and data_offsets')
  const { dtype, shape, data_offsets: offsets } = entry
  const elementBytes =
    typeof dtype === 'string' && Object.hasOwn(ELEMENT_BYTES, dtype) ? ELEMENT_BYTES[dtype] : undefined
  if (typeof dtype !== 'string' || elementBytes === undefined) {
    throw fail(`with the dtype ${JSON.stringify(dtype)}; known are ${Object.keys(ELEMENT_BYTES).join(', ')}`)
  }
  if (!isCountList(shape) || shape.length > MAX_DIMENSIONS) {
    throw fail(`with the shape ${JSON.stringify(shape)}; up to ${MAX_DIMENSIONS} whole numbers are allowed`)
  }
  if (!isCountList(offsets) || offsets.length !== 2) {
    throw fail(`with data_offsets ${JSON.stringify(offsets)}; two whole numbers are needed`)
  }
  const [begin, end] = offsets as [number, number]
  const bytes = shape.reduce((product, size) => product * size, elementBytes)
  if (end - begin !== bytes) {
    throw fail(
      `with ${end - begin} bytes (data_offsets ${begin} to ${end}); ${dtype} [${shape.join(', ')}] needs ${bytes}`,
    )
  }
  if (dataStart + end > fileBytes) {
    throw fail(`up to byte ${dataStart + end}, but the file ends after ${fileBytes} bytes`)
  }
  return { name, dtype, shape, path, offset: dataStart + begin, bytes }
}

/** As the format demands: tensors neither overlap nor leave a gap, and the last one ends with the file. */
function checkCoverage(path: string, tensors: readonly StoredTensor[], dataStart: number, fileBytes: number): void {
  let expected = dataStart
  for (const { name, offset, bytes } of tensors) {
    if (offset !== expected) {
      const problem = offset < expected ? 'overlaps the one before it' : 'leaves a gap before it'
      throw invalid(
        path,
        `has the tensor ${JSON.stringify(name)} at byte ${offset}, which ${problem}; ${expected} is expected`,
      )
    }
    expected += bytes
  }
  if (expected !== fileBytes) {
    throw invalid(path, `has ${fileBytes} bytes, but its last tensor ends after ${expected}; both must be equal`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function invalid(path: string, problem: string, cause?: unknown): AppError {
  return new AppError('CHECKPOINT_INVALID', `${path} ${problem}. Fetch or save the checkpoint again.`, {
    details: { path },
    cause,
  })
}
