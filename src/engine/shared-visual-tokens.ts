// Visual tokens in shared memory: sent between threads by reference, as often as a conversation needs them.
import type { VisualTokens } from '../valley/visual-tokens.ts'

/** A copy whose arrays lie in shared memory. */
export function sharedVisualTokens(visualTokens: VisualTokens): VisualTokens {
  const { rows, pixelValues } = visualTokens
  return { ...visualTokens, rows: shared(rows), pixelValues: pixelValues === null ? null : shared(pixelValues) }
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength))
  copy.set(values)
  return copy
}
