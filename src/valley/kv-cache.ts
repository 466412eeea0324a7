// Keys and values kept between runs of the decoder. One buffer a layer for each, with room for C rows; the graph reads
// the first `length` of them as its past. New rows are written behind them by the graph itself, or here from what the graph
// returned.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import { assertShape, float32Tensor, type NamedTensors, type Tensor } from '../onnx/tensor.ts'
import type { Shapes } from './shapes.ts'

/** Room of a new cache, rows; doubled as needed. Small, since many conversations are short. */
const FIRST_CAPACITY = 64

/** Names of one layer's tensors in the decoder graph. */
export function layerTensorNames(
  layer: number,
): Readonly<Record<'past' | 'present' | 'fresh', readonly [string, string]>> {
  return {
    past: [`past.${layer}.key`, `past.${layer}.value`],
    present: [`present.${layer}.key`, `present.${layer}.value`],
    fresh: [`new.${layer}.key`, `new.${layer}.value`],
  }
}

/** Owns the memory of one sequence: 2 * L buffers of [Hkv, C, Dh] float32. */
export class KvCache {
  /** Most rows it may ever hold: the model's context. */
  readonly context: number
  readonly #shapes: Shapes
  /** Key then value of each layer, so 2 * L of [Hkv, C, Dh]. */
  #buffers: Float32Array[]
  #capacity: number
  #length = 0
  /** How far the place of the next token is ahead of its row; not 0 only where places have three parts. */
  #placesAhead = 0
  /** Whether the buffers belong to somebody else. */
  #lent = false
  /** Rows that are here, while others may lie on a device; null while all are here. */
  #rowsAtHome: number | null = null

  constructor(shapes: Shapes, context: number) {
    this.#shapes = shapes
    this.context = context
    this.#capacity = Math.min(FIRST_CAPACITY, context)
    this.#buffers = this.#allocate(this.#capacity)
  }

  /** Rows that hold a token. */
  get length(): number {
    return this.#length
  }

  /** Where a token stands that is run next and does not say itself; the prompt's tokens do. */
  get nextPlace(): number {
    return this.#length + this.#placesAhead
  }

  /** Notes where the last row stands. Cutting off rows of words behind it leaves what is noted right. */
  endsAt(place: number): void {
    this.#placesAhead = place + 1 - this.#length
  }

  /** Rows there is room for without growing. */
  get capacity(): number {
    return this.#capacity
  }

  /** Rows that lie in this memory, the first ones; less than length while the cache is worked on elsewhere. */
  get rowsAtHome(): number {
    return this.#rowsAtHome ?? this.#length
  }

  /** Memory held, bytes. Lent memory counts by the rows in it: its room is what the longest cache beside this one needs. */
  get bytes(): number {
    const { L, Hkv, Dh } = this.#shapes
    return 2 * L * Hkv * (this.#lent ? this.#length : this.#capacity) * Dh * Float32Array.BYTES_PER_ELEMENT
  }

  /**
   * Makes room for a number of rows in all, by doubling up to the context; kept rows stay.
   * @throws AppError CONTEXT_OVERFLOW beyond the context
   */
  reserve(rows: number): void {
    if (rows > this.context) {
      throw new AppError(
        'CONTEXT_OVERFLOW',
        `The conversation needs ${rows} tokens; the model holds ${this.context}. Start a new conversation or ask for a shorter answer.`,
        { details: { tokens: rows, context: this.context } },
      )
    }
    if (rows <= this.#capacity) return
    assert(!this.#lent, `a KV cache in lent memory has room for ${this.#capacity} rows, not for ${rows}`)
    this.#moveInto(this.#allocate(this.#roomFor(rows)), this.#roomFor(rows))
  }

  /**
   * Moves the rows into memory that somebody else owns and that stays until moveHome or the next moveTo.
   * @param buffers key then value of each layer, each [Hkv, capacity, Dh]
   * @param capacity rows there is room for; more cannot be reserved meanwhile
   */
  moveTo(buffers: Float32Array[], capacity: number): void {
    assert(this.#length <= capacity, `a KV cache of ${this.#length} rows does not fit into ${capacity}`)
    this.#moveInto(buffers, capacity)
    this.#lent = true
  }

  /** Moves the rows back into memory of its own. */
  moveHome(): void {
    const capacity = this.#roomFor(this.#length)
    this.#moveInto(this.#allocate(capacity), capacity)
    this.#lent = false
  }

  /** From now on rows are counted that are written elsewhere, on a device, until comeHome. */
  leaveHome(): void {
    this.#rowsAtHome = this.#length
  }

  /**
   * Takes over the rows that were written elsewhere.
   * @param fresh `new.{layer}.key` and `.value`, each [1, Hkv, length - rowsAtHome, Dh]; null when they are lost, and then
   * forgotten
   */
  comeHome(fresh: NamedTensors | null): void {
    const start = this.rowsAtHome
    this.#rowsAtHome = null
    if (fresh === null) this.truncate(start)
    else if (start < this.#length) this.#write(fresh, start, this.#length - start)
  }

  #roomFor(rows: number): number {
    let capacity = this.#lent ? Math.min(FIRST_CAPACITY, this.context) : this.#capacity
    while (capacity < rows) capacity = Math.min(capacity * 2, this.context)
    return capacity
  }

  #moveInto(buffers: Float32Array[], capacity: number): void {
    const { Hkv, Dh } = this.#shapes
    for (const [index, buffer] of this.#buffers.entries()) {
      for (let head = 0; head < Hkv; head++) {
        const start = head * this.#capacity * Dh
        buffers[index]!.set(buffer.subarray(start, start + this.#length * Dh), head * capacity * Dh)
      }
    }
    this.#buffers = buffers
    this.#capacity = capacity
  }

  /** The past of every layer as the decoder graph names it, each [1, Hkv, C, Dh]; views, valid until the next reserve. */
  pastTensors(): NamedTensors {
    return this.#tensors('past')
  }

  /** The same memory under the names of the outputs that the graph writes; see advance. */
  presentTensors(): NamedTensors {
    return this.#tensors('present')
  }

  /** Counts rows that the graph wrote into the cache's own memory, behind those kept. */
  advance(count: number): void {
    assert(this.#length + count <= this.#capacity, 'a KV cache is written to beyond its reserved rows')
    this.#length += count
  }

  #tensors(names: 'past' | 'present'): NamedTensors {
    const { L, Hkv, Dh } = this.#shapes
    const tensors: Record<string, Tensor> = {}
    for (let layer = 0; layer < L; layer++) {
      for (const [part, name] of layerTensorNames(layer)[names].entries()) {
        tensors[name] = float32Tensor(this.#buffers[layer * 2 + part]!, [1, Hkv, this.#capacity, Dh])
      }
    }
    return tensors
  }

  /**
   * Writes the rows of one run behind those kept; room must have been reserved.
   * @param outputs the decoder's outputs with `new.{layer}.key` and `.value`, each [1, Hkv, S, Dh]
   * @param count S
   * @throws AppError SHAPE_MISMATCH when an output has another shape; nothing counts as written then
   */
  append(outputs: NamedTensors, count: number): void {
    assert(this.#length + count <= this.#capacity, 'a KV cache is appended to beyond its reserved rows')
    this.#write(outputs, this.#length, count)
    this.#length += count
  }

  #write(outputs: NamedTensors, start: number, count: number): void {
    const { L, Hkv, Dh } = this.#shapes
    for (let layer = 0; layer < L; layer++) {
      for (const [part, name] of layerTensorNames(layer).fresh.entries()) {
        const rows = assertShape(name, outputs[name], [1, Hkv, count, Dh]).data
        const buffer = this.#buffers[layer * 2 + part]!
        for (let head = 0; head < Hkv; head++) {
          const source = rows.subarray(head * count * Dh, (head + 1) * count * Dh)
          buffer.set(source, (head * this.#capacity + start) * Dh)
        }
      }
    }
  }

  /** The first rows as they lie in memory, piece by piece in an order that is the same for every cache of the model. */
  rowPieces(rows: number): Float32Array[] {
    assert(rows <= this.#capacity, `a KV cache with room for ${this.#capacity} rows has no ${rows}`)
    const { Hkv, Dh } = this.#shapes
    const pieces: Float32Array[] = []
    for (const buffer of this.#buffers) {
      for (let head = 0; head < Hkv; head++) {
        const start = head * this.#capacity * Dh
        pieces.push(buffer.subarray(start, start + rows * Dh))
      }
    }
    return pieces
  }

  /** Takes over the first rows of another cache of the model; what was here is forgotten. */
  copyFrom(other: KvCache, rows: number): void {
    assert(rows <= other.rowsAtHome, `a KV cache with ${other.rowsAtHome} rows at home cannot give ${rows}`)
    assert(this.#rowsAtHome === null, 'a KV cache that is worked on elsewhere takes over no rows')
    this.#length = 0
    this.reserve(rows)
    const from = other.rowPieces(rows)
    for (const [index, piece] of this.rowPieces(rows).entries()) piece.set(from[index]!)
    this.#length = rows
  }

  /** Forgets the rows from a length on; what is kept stays as it is. */
  truncate(length: number): void {
    assert(length >= 0 && length <= this.#length, `a KV cache of ${this.#length} rows cannot be cut to ${length}`)
    this.#length = length
    if (this.#rowsAtHome !== null) this.#rowsAtHome = Math.min(this.#rowsAtHome, length)
  }

  #allocate(capacity: number): Float32Array[] {
    const { L, Hkv, Dh } = this.#shapes
    return Array.from({ length: 2 * L }, () => new Float32Array(Hkv * capacity * Dh))
  }
}
