// Reference tensors that PyTorch wrote, read by a few lines of their own: the reader under test is not trusted here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TinyVariant, tinyCheckpoint } from './tiny-package.ts'

/** One tensor, row-major; int64 values come as numbers. */
export interface ReferenceTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array | readonly number[]
}

/** A reference tensor of floats. */
export interface FloatTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A tensor of floats out of a file's tensors. */
export function floatTensor(tensors: Record<string, ReferenceTensor>, name: string): FloatTensor {
  const found = tensors[name]
  if (!(found?.values instanceof Float32Array)) throw new Error(`${name} is absent or not of floats`)
  return { shape: found.shape, values: found.values }
}

/** Reads a small .safetensors file of dtypes F32 and I64 whole. */
export function readReferenceFile(path: string): Record<string, ReferenceTensor> {
  const bytes = readFileSync(path)
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  const { __metadata__: _, ...entries } = header
  return Object.fromEntries(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const data = new Uint8Array(bytes.subarray(8 + headerBytes + begin, 8 + headerBytes + end)).buffer
        const values = dtype === 'I64' ? Array.from(new BigInt64Array(data), Number) : new Float32Array(data)
        return [name, { shape, values }]
      },
    ),
  )
}

/** What PyTorch made of a tiny checkpoint; the names are explained in training/valley_training/fixtures/tiny.py. */
export function tinyReference(variant: TinyVariant): Record<string, ReferenceTensor> {
  return readReferenceFile(join(tinyCheckpoint(variant), 'reference.safetensors'))
}

/** Weights of a tiny checkpoint. */
export function tinyWeights(variant: TinyVariant): Record<string, ReferenceTensor> {
  return readReferenceFile(join(tinyCheckpoint(variant), 'model.safetensors'))
}

/** Largest difference between two lists of numbers, as a share of the expected one's root mean square. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values, ${expected.length} expected`)
  let squares = 0
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    squares += expected[i]! ** 2
    const difference = Math.abs(actual[i]! - expected[i]!)
    // A NaN must not pass as small.
    if (!(difference <= largest)) largest = difference
  }
  return largest / Math.sqrt(squares / expected.length)
}

/** Root mean square of the difference as a share of the expected one's; for formats that round. */
export function relativeRootMeanSquare(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values, ${expected.length} expected`)
  let squares = 0
  let differences = 0
  for (let i = 0; i < expected.length; i++) {
    squares += expected[i]! ** 2
    differences += (actual[i]! - expected[i]!) ** 2
  }
  return Math.sqrt(differences / squares)
}
