// A weight as it will lie in weights.data: element type, dimensions, and its bytes as a stream.
import type { MatrixFormat } from './precision.ts'
import type { WeightRecipe } from './weight-recipe.ts'
import type { WeightSource } from './weight-source.ts'

/** Element types of stored weights. */
export type ElementType = 'float32' | 'float16' | 'uint8' | 'int8'

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { float32: 4, float16: 2, uint8: 1, int8: 1 }

/** How the bytes of a weight are made, and perhaps of others in the same go, as plain data for any thread. */
export interface StoragePass {
  readonly format: MatrixFormat
  /** As it is stored: the rows of the source, each in perhaps another shape. */
  readonly shape: readonly number[]
  readonly source: WeightRecipe
}

/** The pass for a weight; undefined where only this thread can read it. */
export function storagePass(format: MatrixFormat, { shape, recipe }: WeightSource): StoragePass | undefined {
  return recipe === undefined ? undefined : { format, shape, source: recipe }
}

/** One tensor of weights.data, little-endian, row-major. */
export interface StoredWeight {
  /** Unique for what is stored: two graphs that ask for the same key share the bytes. */
  readonly key: string
  readonly elementType: ElementType
  readonly dimensions: readonly number[]
  readonly bytes: number
  /** How another thread makes it; weights of one pass have the same object. Absent where only the stream gives it. */
  readonly pass?: StoragePass | undefined
  /** Which of those that the pass gives; default the first. The others follow it in the file. */
  readonly output?: number
  /** Yields exactly `bytes` bytes; each piece is a view that the next one overwrites. */
  chunks(): AsyncGenerator<Uint8Array>
}

/** Bytes that a tensor takes. */
export function bytesOf(elementType: ElementType, dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, ELEMENT_BYTES[elementType])
}
