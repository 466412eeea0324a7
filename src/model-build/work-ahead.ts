// Weights are made ahead by several threads and taken in order. How far ahead is bounded, so that memory does not grow with the
// model: a few parts a thread.
import { assert } from '../assert.ts'
import { cutPass, passElements } from './storage-pass.ts'
import type { StorageThreads } from './storage-threads.ts'
import type { StoragePass, StoredWeight } from './stored-weight.ts'

/** While a thread works on one part, the disk brings it the next; one more lies finished. */
const PARTS_PER_THREAD = 3
/** Matrices that cannot be cut may be large. */
const MOST_ELEMENTS = 96 * 1024 * 1024

/** Weights in the order in which they are written. */
export class WorkAhead {
  readonly #threads: Pick<StorageThreads, 'count' | 'run'>
  readonly #parts: Generator<StoragePass>
  readonly #started: { readonly elements: number; readonly outputs: Promise<Uint8Array[]> }[] = []
  #elements = 0
  /** Pieces of what the last pass gave besides its first weight. */
  #leftBehind: { readonly pass: StoragePass; readonly outputs: Uint8Array[][] } | null = null

  /** @param weights in the order in which they will be taken */
  constructor(weights: readonly StoredWeight[], threads: Pick<StorageThreads, 'count' | 'run'>) {
    this.#threads = threads
    this.#parts = partsOf(weights)
  }

  /**
   * Gives a weight as its own stream would.
   * @param weight the next one
   * @throws as its stream, in the order of the weights, whichever thread failed first
   */
  async *chunks(weight: StoredWeight): AsyncGenerator<Uint8Array> {
    const { pass, output = 0 } = weight
    if (pass === undefined) {
      yield* weight.chunks()
      return
    }
    if (output > 0) {
      assert(this.#leftBehind?.pass === pass, `${weight.key} does not follow what it is made with`)
      yield* this.#leftBehind.outputs.map((outputs) => outputs[output]!)
      return
    }
    this.#leftBehind = { pass, outputs: [] }
    for (const _ of cutPass(pass)) {
      const [first, ...others] = await this.#next()
      this.#leftBehind.outputs.push([EMPTY, ...others])
      yield first!
    }
  }

  async #next(): Promise<Uint8Array[]> {
    this.#startMore()
    const { elements, outputs } = this.#started.shift()!
    const made = await outputs
    this.#elements -= elements
    return made
  }

  #startMore(): void {
    while (this.#started.length < this.#threads.count * PARTS_PER_THREAD && this.#elements < MOST_ELEMENTS) {
      const next = this.#parts.next()
      if (next.done) return
      const elements = passElements(next.value)
      const outputs = this.#threads.run(next.value)
      // What is wrong is told when its turn has come.
      outputs.catch(() => {})
      this.#started.push({ elements, outputs })
      this.#elements += elements
    }
  }
}

const EMPTY = new Uint8Array(0)

function* partsOf(weights: readonly StoredWeight[]): Generator<StoragePass> {
  for (const { pass, output = 0 } of weights) {
    if (pass !== undefined && output === 0) yield* cutPass(pass)
  }
}
