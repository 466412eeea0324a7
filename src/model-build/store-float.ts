// Weights stored as float32 (exact) or as float16 (half the bytes, 11 significant bits).
import { AppError } from '../errors.ts'
import { toHalf } from './float-formats.ts'
import { bytesOf, type StoredWeight, storagePass } from './stored-weight.ts'
import type { WeightSource } from './weight-source.ts'

const INFINITE_HALF = 0x7c00

/** Stores every value as it is. */
export function storeFloat32(source: WeightSource): StoredWeight {
  return {
    key: `${source.name}:float32`,
    elementType: 'float32',
    dimensions: source.shape,
    bytes: bytesOf('float32', source.shape),
    pass: storagePass('float32', source),
    async *chunks() {
      for await (const values of source.chunks(1)) {
        yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      }
    },
  }
}

/**
 * Stores the nearest float16 of every value.
 * @throws AppError CHECKPOINT_UNSUPPORTED while streaming, when a value is beyond 65504
 */
export function storeFloat16(source: WeightSource): StoredWeight {
  return {
    key: `${source.name}:float16`,
    elementType: 'float16',
    dimensions: source.shape,
    bytes: bytesOf('float16', source.shape),
    pass: storagePass('float16', source),
    async *chunks() {
      let halves = new Uint16Array(0)
      for await (const values of source.chunks(1)) {
        if (halves.length < values.length) halves = new Uint16Array(values.length)
        for (let i = 0; i < values.length; i++) {
          const bits = toHalf(values[i]!)
          if ((bits & 0x7fff) === INFINITE_HALF) throw tooLarge(source.name, values[i]!)
          halves[i] = bits
        }
        yield new Uint8Array(halves.buffer, 0, values.length * 2)
      }
    },
  }
}

function tooLarge(name: string, value: number): AppError {
  return new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `Tensor ${name} holds ${value}; float16 ends at 65504. Build with --precision fp32, int8 or int4.`,
    { details: { name, value } },
  )
}
