// The delta rule: some checkpoints are published as their difference from another model, because its licence forbids to pass
// it on. A tensor of both is their sum; embeddings and head have rows more than the base, which are taken as they are, and so
// is every tensor that the base lacks. Source: RupertLuo/Valley valley/model/apply_delta.py at 83d794f.
import { AppError } from '../errors.ts'
import type { StoredTensor } from './safetensors-header.ts'
import { storedWeight, type WeightSource } from './weight-source.ts'

/** Only these may be longer than in the base: tokens were added. */
const MAY_BE_LONGER = /(^|\.)(embed_tokens|lm_head)\.weight$/

/**
 * A delta's tensor plus the base's.
 * @throws AppError CHECKPOINT_INVALID when the shapes do not belong together
 */
export function addBase(delta: StoredTensor, base: StoredTensor): WeightSource {
  const [rows = 0, ...row] = delta.shape
  const [baseRows = 0, ...baseRow] = base.shape
  const fits =
    row.join() === baseRow.join() && (rows === baseRows || (rows > baseRows && MAY_BE_LONGER.test(delta.name)))
  if (!fits) {
    throw new AppError(
      'CHECKPOINT_INVALID',
      `Tensor ${delta.name} has the shape [${delta.shape.join(', ')}], and [${base.shape.join(', ')}] in the base; the base must be the model that this is a delta of. Name another --base.`,
      { details: { tensor: delta.name } },
    )
  }
  return addRows(storedWeight(delta), storedWeight(base))
}

/** The sum of two weights with equal rows, of which the second may have fewer. */
export function addRows(delta: WeightSource, base: WeightSource): WeightSource {
  return {
    name: delta.name,
    shape: delta.shape,
    recipe: delta.recipe && base.recipe && { kind: 'sum', delta: delta.recipe, base: base.recipe },
    async *chunks(multipleOf) {
      const others = base.chunks(1)
      let other = new Float32Array(0)
      let used = 0
      for await (const piece of delta.chunks(multipleOf)) {
        for (let at = 0; at < piece.length; at++) {
          if (used === other.length) {
            const next = await others.next()
            if (next.done) break // The rows beyond the base.
            other = next.value as Float32Array<ArrayBuffer>
            used = 0
          }
          piece[at]! += other[used++]!
        }
        yield piece
      }
      await others.return(undefined)
    },
  }
}
