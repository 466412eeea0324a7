// Cosines and sines of the rotary positions, as transformers' LlamaRotaryEmbedding has them.
import { computedWeight, type WeightSource } from './weight-source.ts'

/** The two tables, each [positions, Dh / 2] float32. */
export interface RotaryTables {
  readonly cosines: WeightSource
  readonly sines: WeightSource
}

/** How far a pair of values is turned from place to place, the first pair the furthest: `count` pairs. */
export function rotaryFrequencies(count: number, base: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => 1 / Math.fround(base ** (index / count)))
}

/**
 * Computes both tables. Frequencies and angles are rounded to float32 before the cosine, as source: checkpoints are
 * trained with these, and at position 2000 they differ from the exact ones by about 1e-4.
 * @param positions longest sequence
 * @param headWidth Dh, even
 * @param base usually 10000
 */
export function rotaryTables(positions: number, headWidth: number, base: number): RotaryTables {
  const half = headWidth / 2
  const cosines = new Float32Array(positions * half)
  const sines = new Float32Array(positions * half)
  for (const [index, frequency] of rotaryFrequencies(half, base).entries()) {
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency)
      cosines[position * half + index] = Math.cos(angle)
      sines[position * half + index] = Math.sin(angle)
    }
  }
  const shape = [positions, half]
  return {
    cosines: computedWeight('rotary.cosines', shape, cosines),
    sines: computedWeight('rotary.sines', shape, sines),
  }
}
