// Weights of whole 8-bit products: one signed byte each, and one scale for all inputs of an output. The runtime quantises the
// other side, the activations, as they come, one scale for all of them, and multiplies whole numbers: more than twice as fast
// as blocks where many rows meet a matrix, and coarser. Towers take it where it is measured to be good enough.
import { assert } from '../assert.ts'
import { bytesOf, type StoredWeight, storagePass } from './stored-weight.ts'
import type { WeightSource } from './weight-source.ts'

const HIGHEST_QUANTUM = 127
/** Outputs turned together: as many rows as a processor's nearest cache can hold side by side where they lie far apart. */
const BAND_ROWS = 8

/** A quantised matrix in the layout of ONNX Runtime's DynamicQuantizeMatMul. */
export interface ColumnQuantisedMatrix {
  /** int8 [K, N] */
  readonly quanta: StoredWeight
  /** float32 [N] */
  readonly scales: StoredWeight
}

/**
 * Quantises a matrix [N, K] symmetrically, output by output. It is turned on its way, so one matrix at a time is held whole,
 * a byte a value: a tower's largest has a few MB. The source is streamed once where the scales are wanted right after the
 * quanta, as in a package.
 */
export function quantiseColumns(source: WeightSource): ColumnQuantisedMatrix {
  assert(source.shape.length === 2, `${source.name}: only a matrix can be quantised, not [${source.shape.join(', ')}]`)
  const [outputs, inputs] = source.shape as [number, number]
  const key = `${source.name}:w8a8`
  const pass = storagePass('w8a8', source)
  let known: Float32Array | null = null
  return {
    quanta: {
      key: `${key}:quanta`,
      elementType: 'int8',
      dimensions: [inputs, outputs],
      bytes: bytesOf('int8', [inputs, outputs]),
      pass,
      async *chunks() {
        const { turned, scales } = await quantised(source, outputs, inputs)
        known = scales
        yield new Uint8Array(turned.buffer)
      },
    },
    scales: {
      key: `${key}:scales`,
      elementType: 'float32',
      dimensions: [outputs],
      bytes: bytesOf('float32', [outputs]),
      pass,
      output: 1,
      async *chunks() {
        const scales = known ?? (await quantised(source, outputs, inputs)).scales
        known = null // as for blocks
        yield new Uint8Array(scales.buffer)
      },
    },
  }
}

async function quantised(source: WeightSource, outputs: number, inputs: number) {
  const turned = new Int8Array(inputs * outputs)
  const scales = new Float32Array(outputs)
  let first = 0
  for await (const rows of source.chunks(inputs)) {
    const end = first + rows.length / inputs
    for (let row = first; row < end; row++) {
      scales[row] = scaleOf(rows, (row - first) * inputs, inputs)
    }
    for (let band = first; band < end; band += BAND_ROWS) {
      const values = rows.subarray((band - first) * inputs)
      turnBand(values, inputs, scales, turned, band, Math.min(band + BAND_ROWS, end))
    }
    first = end
  }
  return { turned, scales }
}

function scaleOf(values: Float32Array, begin: number, inputs: number): number {
  let largest = 0
  for (let at = begin; at < begin + inputs; at++) {
    const magnitude = Math.abs(values[at]!)
    if (magnitude > largest) largest = magnitude
  }
  return Math.fround(largest / HIGHEST_QUANTUM)
}

/** Writes the quanta of a few outputs, side by side in the row of each input. */
function turnBand(
  values: Float32Array,
  inputs: number,
  scales: Float32Array,
  turned: Int8Array,
  begin: number,
  end: number,
): void {
  const outputs = scales.length
  for (let input = 0; input < inputs; input++) {
    for (let output = begin; output < end; output++) {
      const scale = scales[output]!
      const value = values[(output - begin) * inputs + input]!
      turned[input * outputs + output] = scale === 0 ? 0 : Math.round(value / scale)
    }
  }
}
