// A weight as it will lie in weights.data: element type, dimensions, and its bytes as a stream.

/** Element types of stored weights. */
export type ElementType = 'float32' | 'float16' | 'uint8' | 'int8'

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { float32: 4, float16: 2, uint8: 1, int8: 1 }

/** One tensor of weights.data, little-endian, row-major. */
export interface StoredWeight {
  /** Unique for what is stored: two graphs that ask for the same key share the bytes. */
  readonly key: string
  readonly elementType: ElementType
  readonly dimensions: readonly number[]
  readonly bytes: number
  /** Yields exactly `bytes` bytes; each piece is a view that the next one overwrites. */
  chunks(): AsyncGenerator<Uint8Array>
}

/** Bytes that a tensor takes. */
export function bytesOf(elementType: ElementType, dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, ELEMENT_BYTES[elementType])
}
