// The layer that gives the logits, which in many models is the table of embeddings. config.json says so, but not always
// truly: some leave it out, and versions of transformers differ in what that means. So what is stored decides.
// Source: transformers 5.23, tie_weights in modeling_utils.py.
import type { LinearLayer } from './architecture.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import type { WeightSource } from './weight-source.ts'

/**
 * Describes the head: the stored one, or the table where none is stored or it only repeats the table.
 * @param name of the layer
 * @param table of embeddings, [V, Dl]
 * @param tied what config.json says; where that is so and a head is stored, both are read to compare them
 * @throws AppError CHECKPOINT_INVALID for a tensor that is missing, broken or of a wrong shape; CHECKPOINT_UNSUPPORTED
 */
export async function describeHead(
  name: string,
  table: WeightSource,
  tied: boolean,
  weights: CheckpointWeights,
): Promise<LinearLayer> {
  const [vocabulary, width] = table.shape as readonly [number, number]
  if (tied && weights.shapeOf(`${name}.weight`) === null) return { weight: table, bias: null }
  const stored = weights.linear(name, vocabulary, width, false)
  // Not two tables in the package where a .bin file names one twice.
  return tied && (await areEqual(table, stored.weight, width)) ? { weight: table, bias: null } : stored
}

/** Compares two weights of one shape, as far as the first difference. */
async function areEqual(one: WeightSource, other: WeightSource, width: number): Promise<boolean> {
  const others = other.chunks(width)
  try {
    for await (const piece of one.chunks(width)) {
      // As long as the other, since shape and width are the same.
      const counterpart = (await others.next()).value as Float32Array
      if (!piece.every((element, index) => element === counterpart[index])) return false
    }
    return true
  } finally {
    await others.return(undefined)
  }
}
