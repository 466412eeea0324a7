// Finds weights by their published names, with the shape that the config demands, and keeps account of which were asked
// for: a weight that nobody asked for means that the network is not the one we think it is.
import { AppError } from '../errors.ts'
import { addBase } from './add-base.ts'
import type { LinearLayer, NormLayer } from './architecture.ts'
import type { StoredTensor } from './safetensors-header.ts'
import { storedRows, storedWeight, type WeightSource } from './weight-source.ts'

/** Tensors of a checkpoint, taken by name. */
export class CheckpointWeights {
  readonly #tensors: ReadonlyMap<string, StoredTensor>
  readonly #base: ReadonlyMap<string, StoredTensor>
  readonly #taken = new Set<string>()

  /**
   * @param tensors all tensors of the checkpoint by name
   * @param base those of the model that the checkpoint is a delta of; none for a checkpoint that is whole
   */
  constructor(tensors: ReadonlyMap<string, StoredTensor>, base: ReadonlyMap<string, StoredTensor> = new Map()) {
    this.#tensors = tensors
    this.#base = base
  }

  /** Shape of a tensor as it is stored; null when there is none. */
  shapeOf(name: string): readonly number[] | null {
    return this.#tensors.get(name)?.shape ?? null
  }

  /**
   * Takes one tensor.
   * @throws AppError CHECKPOINT_INVALID when it is missing or has another shape; CHECKPOINT_UNSUPPORTED for its dtype
   */
  take(name: string, shape: readonly number[]): WeightSource {
    const stored = this.#stored(name, shape)
    const base = this.#base.get(name)
    return base === undefined ? storedWeight(stored) : addBase(stored, base)
  }

  /** Takes `{name}.weight` [outputs, inputs] and, when wanted, `{name}.bias` [outputs]. Throws as take. */
  linear(name: string, outputs: number, inputs: number, hasBias: boolean): LinearLayer {
    return {
      weight: this.take(`${name}.weight`, [outputs, inputs]),
      bias: hasBias ? this.take(`${name}.bias`, [outputs]) : null,
    }
  }

  /** Takes `{name}.weight` and, when wanted, `{name}.bias`, both [width]. Throws as take. */
  norm(name: string, width: number, hasBias: boolean, epsilon: number): NormLayer {
    const weight = this.take(`${name}.weight`, [width])
    return { weight, bias: hasBias ? this.take(`${name}.bias`, [width]) : null, epsilon }
  }

  /** Takes a tensor [count * rows, ...] as `count` weights of [rows, ...] each. Throws as take. */
  split(name: string, shape: readonly number[], count: number): WeightSource[] {
    const stored = this.#stored(name, shape)
    const rows = shape[0]! / count
    return Array.from({ length: count }, (_, part) => storedRows(stored, `${name}[${part}]`, part * rows, rows))
  }

  /**
   * Checks that every tensor was taken, apart from those that the source itself does not use.
   * @throws AppError CHECKPOINT_UNSUPPORTED naming one
   */
  assertAllTaken(ignored: (name: string) => boolean): void {
    const left = [...this.#tensors.keys()].filter((name) => !this.#taken.has(name) && !ignored(name))
    if (left.length === 0) return
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `The checkpoint holds ${left.length} tensor(s) that this builder does not know, the first is ${left[0]}; leaving them out would change the model. Check that config.json belongs to these weights.`,
      { details: { tensor: left[0]!, count: left.length } },
    )
  }

  #stored(name: string, shape: readonly number[]): StoredTensor {
    const stored = this.#tensors.get(name)
    const expected = `[${shape.join(', ')}]`
    if (stored === undefined) {
      throw invalid(name, `Tensor ${name} is missing; the config demands it with the shape ${expected}.`)
    }
    if (stored.shape.join() !== shape.join()) {
      const seen = `[${stored.shape.join(', ')}]`
      throw invalid(name, `Tensor ${name} has the shape ${seen}; the config demands ${expected}.`)
    }
    this.#taken.add(name)
    return stored
  }
}

function invalid(name: string, problem: string): AppError {
  return new AppError('CHECKPOINT_INVALID', `${problem} Check that config.json belongs to these weights.`, {
    details: { tensor: name },
  })
}
