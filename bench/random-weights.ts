// Weights that are drawn, not trained: the same for the same name, so that they can be streamed twice.
import type { LinearLayer, NormLayer } from '../src/model-build/architecture.ts'
import { elementsOf, type WeightSource } from '../src/model-build/weight-source.ts'

/** Values are cut out of one stretch of noise at a place that the weight's name gives. */
const NOISE_VALUES = 4 * 1024 * 1024
/** What is cut out at one place; a weight goes on at another behind it, in whatever pieces it is read. */
const BLOCK_VALUES = 256 * 1024
/** About what trained matrices have; wide enough that greedy answers do not settle on one token. */
const SPREAD = 0.04

/** Draws that weights are cut from, spread evenly about zero. */
export const NOISE = drawNoise()

/** A weight of a shape. */
export function randomWeight(name: string, shape: readonly number[]): WeightSource {
  const elements = elementsOf(shape)
  return {
    name,
    shape,
    async *chunks(multipleOf) {
      const step = Math.max(multipleOf, Math.floor(BLOCK_VALUES / multipleOf) * multipleOf)
      for (let done = 0; done < elements; done += step) {
        yield noiseAt(hashOf(name), done, Math.min(step, elements - done))
      }
    },
  }
}

/** So many values of a weight from one of them on. */
function noiseAt(hash: number, from: number, count: number): Float32Array {
  const values = new Float32Array(count)
  for (let at = 0; at < count; ) {
    const within = (from + at) % BLOCK_VALUES
    const start = ((hash + (from + at - within) * 7) % (NOISE_VALUES - BLOCK_VALUES)) + within
    const piece = NOISE.subarray(start, start + Math.min(BLOCK_VALUES - within, count - at))
    values.set(piece, at)
    at += piece.length
  }
  return values
}

/** A layer y = x W^T + b. */
export function randomLinear(name: string, outputs: number, inputs: number, hasBias: boolean): LinearLayer {
  return {
    weight: randomWeight(`${name}.weight`, [outputs, inputs]),
    bias: hasBias ? randomWeight(`${name}.bias`, [outputs]) : null,
  }
}

/** A norm that leaves its rows at one; without a bias it is an RMS norm. */
export function plainNorm(name: string, width: number, hasBias: boolean): NormLayer {
  const ones: WeightSource = {
    name: `${name}.weight`,
    shape: [width],
    async *chunks() {
      yield new Float32Array(width).fill(1)
    },
  }
  return { weight: ones, bias: hasBias ? randomWeight(`${name}.bias`, [width]) : null, epsilon: 1e-6 }
}

function drawNoise(): Float32Array {
  const values = new Float32Array(NOISE_VALUES)
  let state = 0x2545f491
  for (let at = 0; at < values.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    values[at] = (state / 2 ** 31) * SPREAD
  }
  return values
}

/** A whole number that belongs to a name. */
export function hashOf(name: string): number {
  let hash = 17
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)!) % 1_000_003
  return hash
}
