// Weights of whole 8-bit products: one signed byte each, and one scale for all inputs of an output. The runtime quantises the
// other side, the activations, as they come, one scale for all of them, and multiplies whole numbers: more than twice as fast
// as blocks where many rows meet a matrix, and coarser. Towers take it where it is measured to be good enough.
import { assert } from '../assert.ts'
import { bytesOf, type StoredWeight } from './stored-weight.ts'
import type { WeightSource } from './weight-source.ts'

const HIGHEST_QUANTUM = 127

/** A quantised matrix in the layout of ONNX Runtime's DynamicQuantizeMatMul. */
export interface ColumnQuantisedMatrix {
  /** int8 [K, N] */
  readonly quanta: StoredWeight
  /** float32 [N] */
  readonly scales: StoredWeight
}

/**
 * Quantises a matrix [N, K] symmetrically, output by output. It is turned on its way, so one matrix at a time is held whole,
 * a byte a value: a tower's largest has a few MB.
 */
export function quantiseColumns(source: WeightSource): ColumnQuantisedMatrix {
  assert(source.shape.length === 2, `${source.name}: only a matrix can be quantised, not [${source.shape.join(', ')}]`)
  const [outputs, inputs] = source.shape as [number, number]
  const key = `${source.name}:w8a8`
  return {
    quanta: {
      key: `${key}:quanta`,
      elementType: 'int8',
      dimensions: [inputs, outputs],
      bytes: bytesOf('int8', [inputs, outputs]),
      async *chunks() {
        const turned = new Int8Array(inputs * outputs)
        await eachOutput(source, (output, values) => {
          const scale = scaleOf(values)
          for (let input = 0; input < inputs; input++) {
            turned[input * outputs + output] = scale === 0 ? 0 : Math.round(values[input]! / scale)
          }
        })
        yield new Uint8Array(turned.buffer)
      },
    },
    scales: {
      key: `${key}:scales`,
      elementType: 'float32',
      dimensions: [outputs],
      bytes: bytesOf('float32', [outputs]),
      async *chunks() {
        const scales = new Float32Array(outputs)
        await eachOutput(source, (output, values) => {
          scales[output] = scaleOf(values)
        })
        yield new Uint8Array(scales.buffer)
      },
    },
  }
}

async function eachOutput(source: WeightSource, take: (output: number, values: Float32Array) => void): Promise<void> {
  const inputs = source.shape[1]!
  let output = 0
  for await (const piece of source.chunks(inputs)) {
    for (let row = 0; row < piece.length / inputs; row++) {
      take(output++, piece.subarray(row * inputs, (row + 1) * inputs))
    }
  }
}

function scaleOf(values: Float32Array): number {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  return Math.fround(largest / HIGHEST_QUANTUM)
}
