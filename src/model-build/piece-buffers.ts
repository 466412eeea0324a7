// Memory that weights pass through, used again and again: a checkpoint has a thousand tensors, and fresh memory for each of them
// took longer than reading it.

/** Elements of one piece: 4 MiB as float32. */
export const PIECE_ELEMENTS = 1024 * 1024
/** Few tensors are read at the same time: one, or a delta and its base; of several parts as many in a thread of its own. */
const MOST_SPARE = 4

/** What one stream of pieces needs. */
export interface PieceBuffers {
  /** Two, so that the next piece is read while one is worked on. Bytes as they are in the file. */
  readonly raw: readonly [Uint8Array, Uint8Array]
  /** Of 16-bit formats, widened. */
  readonly values: Float32Array
}

const spare: PieceBuffers[] = []

/** Buffers for pieces of so many elements; what they hold is left from before. Give them back when no piece is used any more. */
export function takeBuffers(elements: number): PieceBuffers {
  const known = elements <= PIECE_ELEMENTS ? spare.pop() : undefined
  if (known !== undefined) return known
  const room = Math.max(elements, PIECE_ELEMENTS)
  return {
    raw: [new Uint8Array(room * 4), new Uint8Array(room * 4)],
    values: new Float32Array(room),
  }
}

/** Keeps buffers for the next stream. */
export function giveBackBuffers(buffers: PieceBuffers): void {
  // Larger ones, for tensors with very long rows, are not kept.
  if (spare.length < MOST_SPARE && buffers.values.length === PIECE_ELEMENTS) spare.push(buffers)
}
