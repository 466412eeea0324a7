// Memory in which the KV caches of several sequences lie side by side, so that one run of the decoder takes a step of each.
// The graph reads the first slots, so those in use are kept together.
import { assert } from '../assert.ts'
import { float32Tensor, type NamedTensors, type Tensor } from '../onnx/tensor.ts'
import { type KvCache, layerTensorNames } from './kv-cache.ts'
import type { Shapes } from './shapes.ts'

/** Room grows by so many rows at least. */
const ROW_STEP = 256

/**
 * Slots of one size: 2 * L buffers of [slots, Hkv, C, Dh] float32. Pages that no row was written to cost no memory; those of
 * rows that left do, so that what lies here moves into new buffers once they are more than half.
 */
export class KvArena {
  readonly #shapes: Shapes
  #buffers: Float32Array[] = []
  #slots = 0
  #capacity = 0
  /** Slot i holds the i-th. */
  #seated: KvCache[] = []
  /** Most rows that each slot ever held. */
  #touched: number[] = []

  constructor(shapes: Shapes) {
    this.#shapes = shapes
  }

  /** Caches that lie here, in the order of their slots. */
  get seated(): readonly KvCache[] {
    return this.#seated
  }

  /**
   * Makes these caches the ones that lie here; others move back into memory of their own.
   * @param rows that any of them will need room for
   */
  seat(caches: readonly KvCache[], rows: number): void {
    for (const cache of [...this.#seated]) if (!caches.includes(cache)) this.leave(cache)
    const slots = 2 ** Math.ceil(Math.log2(caches.length))
    const capacity = Math.ceil(rows / ROW_STEP) * ROW_STEP
    this.#noteTouched()
    if (sum(this.#touched) > 2 * sum(caches.map(({ length }) => length))) this.#rebuild(slots, capacity)
    else if (slots > this.#slots || capacity > this.#capacity)
      this.#rebuild(Math.max(slots, this.#slots), Math.max(capacity, this.#capacity))
    for (const cache of caches) {
      if (this.#seated.includes(cache)) continue
      cache.moveTo(this.#slot(this.#seated.length), this.#capacity)
      this.#seated.push(cache)
    }
  }

  /** Moves a cache back into memory of its own; nothing happens when it does not lie here. */
  leave(cache: KvCache): void {
    const slot = this.#seated.indexOf(cache)
    if (slot === -1) return
    this.#noteTouched()
    cache.moveHome()
    const last = this.#seated.pop()!
    if (last !== cache) {
      last.moveTo(this.#slot(slot), this.#capacity)
      this.#seated[slot] = last
    }
    if (this.#seated.length === 0) {
      this.#buffers = []
      this.#slots = 0
      this.#capacity = 0
      this.#touched = []
    }
  }

  /** The memory of all that lie here under the names of the graph's inputs or outputs, each [B, Hkv, C, Dh]. */
  tensors(names: 'past' | 'present'): NamedTensors {
    const { L, Hkv, Dh } = this.#shapes
    const B = this.#seated.length
    const tensors: Record<string, Tensor> = {}
    for (let layer = 0; layer < L; layer++) {
      for (const [part, name] of layerTensorNames(layer)[names].entries()) {
        const used = this.#buffers[layer * 2 + part]!.subarray(0, B * Hkv * this.#capacity * Dh)
        tensors[name] = float32Tensor(used, [B, Hkv, this.#capacity, Dh])
      }
    }
    return tensors
  }

  /** Moves all that lie here into new buffers. Without the memory for them everything stays as it was. */
  #rebuild(slots: number, capacity: number): void {
    const { L, Hkv, Dh } = this.#shapes
    this.#buffers = Array.from({ length: 2 * L }, () => new Float32Array(slots * Hkv * capacity * Dh))
    this.#slots = slots
    this.#capacity = capacity
    this.#touched = []
    for (const [slot, cache] of this.#seated.entries()) cache.moveTo(this.#slot(slot), capacity)
  }

  /** To be called before rows leave. */
  #noteTouched(): void {
    for (const [slot, { length }] of this.#seated.entries()) {
      this.#touched[slot] = Math.max(this.#touched[slot] ?? 0, length)
    }
  }

  #slot(index: number): Float32Array[] {
    assert(index < this.#slots, 'a slot of the arena exists')
    const values = this.#shapes.Hkv * this.#capacity * this.#shapes.Dh
    return this.#buffers.map((buffer) => buffer.subarray(index * values, (index + 1) * values))
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
