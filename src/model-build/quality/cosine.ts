// How alike two lists of numbers point, whatever their lengths.

/** Cosine of the angle between two vectors: 1 for the same direction; NaN when one is all zeros. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  let squaresA = 0
  let squaresB = 0
  for (let at = 0; at < a.length; at++) {
    product += a[at]! * b[at]!
    squaresA += a[at]! ** 2
    squaresB += b[at]! ** 2
  }
  return product / Math.sqrt(squaresA * squaresB)
}
