// Weights stored in blocks of 8-bit or 4-bit whole numbers with one float32 scale a block, in the byte layout of ONNX
// Runtime's MatMulNBits: row n is output n; within a row, blocks of `blockSize` inputs; with 4 bits the even input is in
// the low half of a byte. A value is (quantum - zero) * scale with zero = 2^(bits - 1), which the operator assumes when
// no zero points are given. Inputs beyond the row's end are filled with the zero quantum.
import { assert } from '../assert.ts'
import { bytesOf, type StoredWeight } from './stored-weight.ts'
import type { WeightSource } from './weight-source.ts'

/** Large blocks are the faster ones (models-and-runtime, section 0); rows that they do not divide take the small ones. */
const LARGE_BLOCK = 128
const SMALL_BLOCK = 32

/** A quantised matrix: two stored tensors and what the operator must be told. */
export interface QuantisedMatrix {
  /** uint8 [N, blocks, blockSize * bits / 8] */
  readonly quanta: StoredWeight
  /** float32 [N, blocks] */
  readonly scales: StoredWeight
  readonly bits: 4 | 8
  readonly blockSize: number
}

/** Block size for rows of this many inputs. */
export function blockSizeFor(inputs: number): number {
  return inputs % LARGE_BLOCK === 0 ? LARGE_BLOCK : SMALL_BLOCK
}

/**
 * Quantises a matrix [N, K] symmetrically, block by block. The source is streamed twice, for scales and for quanta.
 */
export function quantiseMatrix(source: WeightSource, bits: 4 | 8): QuantisedMatrix {
  assert(source.shape.length === 2, `${source.name}: only a matrix can be quantised, not [${source.shape.join(', ')}]`)
  const [rows, inputs] = source.shape as [number, number]
  const blockSize = blockSizeFor(inputs)
  const blocks = Math.ceil(inputs / blockSize)
  const quantaDimensions = [rows, blocks, (blockSize * bits) / 8]
  const key = `${source.name}:int${bits}:${blockSize}`
  return {
    bits,
    blockSize,
    quanta: {
      key: `${key}:quanta`,
      elementType: 'uint8',
      dimensions: quantaDimensions,
      bytes: bytesOf('uint8', quantaDimensions),
      chunks: () => quantaChunks(source, inputs, blockSize, bits),
    },
    scales: {
      key: `${key}:scales`,
      elementType: 'float32',
      dimensions: [rows, blocks],
      bytes: bytesOf('float32', [rows, blocks]),
      chunks: () => scaleChunks(source, inputs, blockSize, bits),
    },
  }
}

async function* quantaChunks(source: WeightSource, inputs: number, blockSize: number, bits: 4 | 8) {
  const blocks = Math.ceil(inputs / blockSize)
  const rowBytes = (blocks * blockSize * bits) / 8
  let quanta = new Uint8Array(0)
  for await (const values of source.chunks(inputs)) {
    const rows = values.length / inputs
    if (quanta.length < rows * rowBytes) quanta = new Uint8Array(rows * rowBytes)
    for (let row = 0; row < rows; row++) {
      const rowValues = values.subarray(row * inputs, (row + 1) * inputs)
      const rowQuanta = quanta.subarray(row * rowBytes, (row + 1) * rowBytes)
      for (let block = 0; block < blocks; block++) {
        const blockBytes = (blockSize * bits) / 8
        quantiseBlock(
          rowValues.subarray(block * blockSize, (block + 1) * blockSize),
          rowQuanta.subarray(block * blockBytes, (block + 1) * blockBytes),
          bits,
        )
      }
    }
    yield quanta.subarray(0, rows * rowBytes)
  }
}

async function* scaleChunks(source: WeightSource, inputs: number, blockSize: number, bits: 4 | 8) {
  const blocks = Math.ceil(inputs / blockSize)
  let scales = new Float32Array(0)
  for await (const values of source.chunks(inputs)) {
    const rows = values.length / inputs
    if (scales.length < rows * blocks) scales = new Float32Array(rows * blocks)
    for (let row = 0; row < rows; row++) {
      for (let block = 0; block < blocks; block++) {
        const start = row * inputs + block * blockSize
        const end = Math.min(start + blockSize, (row + 1) * inputs)
        scales[row * blocks + block] = blockScale(values.subarray(start, end), bits)
      }
    }
    yield new Uint8Array(scales.buffer, 0, rows * blocks * 4)
  }
}

/** Scale at which the value of largest magnitude becomes the lowest quantum, so that all 2^bits quanta are used. */
function blockScale(values: Float32Array, bits: 4 | 8): number {
  let extreme = 0
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!
  }
  return Math.fround(extreme / -(2 ** (bits - 1)))
}

/** Writes one block; `quanta` may reach beyond `values`, and the rest becomes zeros. */
function quantiseBlock(values: Float32Array, quanta: Uint8Array, bits: 4 | 8): void {
  const scale = blockScale(values, bits)
  const zero = 2 ** (bits - 1)
  const highest = 2 ** bits - 1
  const inverse = scale === 0 ? 0 : 1 / scale
  const quantum = (index: number): number => {
    if (index >= values.length) return zero
    const rounded = Math.round(values[index]! * inverse) + zero
    return Math.min(Math.max(rounded, 0), highest)
  }
  for (let i = 0; i < quanta.length; i++) {
    quanta[i] = bits === 8 ? quantum(i) : quantum(2 * i) | (quantum(2 * i + 1) << 4)
  }
}
