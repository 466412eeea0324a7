// Weights stored in blocks of 8-bit or 4-bit whole numbers with one float32 scale a block, in the byte layout of ONNX
// Runtime's MatMulNBits: row n is output n; within a row, blocks of `blockSize` inputs; with 4 bits the even input is in
// the low half of a byte. A value is (quantum - zero) * scale with zero = 2^(bits - 1), which the operator assumes when
// no zero points are given. Inputs beyond the row's end are filled with the zero quantum.
import { assert } from '../assert.ts'
import { bytesOf, type StoredWeight, storagePass } from './stored-weight.ts'
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

/** Sizes of a matrix and of its blocks. */
interface BlockGrid {
  readonly inputs: number
  readonly blockSize: number
  /** In a row. */
  readonly blocks: number
  readonly bits: 4 | 8
}

/**
 * Quantises a matrix [N, K] symmetrically, block by block. The source is streamed once where its scales are wanted right after
 * its quanta, which leave them behind: in a package they follow each other.
 */
export function quantiseMatrix(source: WeightSource, bits: 4 | 8): QuantisedMatrix {
  assert(source.shape.length === 2, `${source.name}: only a matrix can be quantised, not [${source.shape.join(', ')}]`)
  const [rows, inputs] = source.shape as [number, number]
  const blockSize = blockSizeFor(inputs)
  const blocks = Math.ceil(inputs / blockSize)
  const grid: BlockGrid = { inputs, blockSize, blocks, bits }
  const quantaDimensions = [rows, blocks, (blockSize * bits) / 8]
  const key = `${source.name}:int${bits}:${blockSize}`
  const pass = storagePass(bits === 8 ? 'int8' : 'int4', source)
  let known: Float32Array | null = null
  return {
    bits,
    blockSize,
    quanta: {
      key: `${key}:quanta`,
      elementType: 'uint8',
      dimensions: quantaDimensions,
      bytes: bytesOf('uint8', quantaDimensions),
      pass,
      async *chunks() {
        const scales = new Float32Array(rows * blocks)
        yield* quantaChunks(source, grid, scales)
        known = scales
      },
    },
    scales: {
      key: `${key}:scales`,
      elementType: 'float32',
      dimensions: [rows, blocks],
      bytes: bytesOf('float32', [rows, blocks]),
      pass,
      output: 1,
      async *chunks() {
        const scales = known ?? (await scalesOf(source, grid, rows))
        known = null // asked for once; kept longer, the scales of all matrices would gather
        yield new Uint8Array(scales.buffer)
      },
    },
  }
}

/** Yields the quanta row by row and fills in the scales, [N, blocks]. */
async function* quantaChunks(source: WeightSource, grid: BlockGrid, scales: Float32Array) {
  const { inputs, blockSize, blocks, bits } = grid
  const blockBytes = (blockSize * bits) / 8
  const rowBytes = blocks * blockBytes
  const lowest = -(2 ** (bits - 1)) // here, since a power for each block took a twentieth of the time
  const quantise = bits === 8 ? quantiseBlock8 : quantiseBlock4
  let quanta = new Uint8Array(0)
  let done = 0
  for await (const values of source.chunks(inputs)) {
    const rows = values.length / inputs
    if (quanta.length < rows * rowBytes) quanta = new Uint8Array(rows * rowBytes)
    const patterns = new Int32Array(values.buffer, values.byteOffset, values.length)
    for (let row = 0; row < rows; row++) {
      for (let block = 0; block < blocks; block++) {
        const begin = row * inputs + block * blockSize
        const end = Math.min(begin + blockSize, (row + 1) * inputs)
        const scale = blockScale(values, patterns, begin, end, lowest)
        quantise(values, begin, end, scale, quanta, row * rowBytes + block * blockBytes, blockBytes)
        scales[(done + row) * blocks + block] = scale
      }
    }
    done += rows
    yield quanta.subarray(0, rows * rowBytes)
  }
}

async function scalesOf(source: WeightSource, grid: BlockGrid, rows: number): Promise<Float32Array> {
  const scales = new Float32Array(rows * grid.blocks)
  for await (const _ of quantaChunks(source, grid, scales));
  return scales
}

/** Scale at which the value of largest magnitude becomes the lowest quantum, so that all 2^bits quanta are used. */
function blockScale(values: Float32Array, patterns: Int32Array, begin: number, end: number, lowest: number): number {
  let largest = 0
  let place = begin
  for (let at = begin; at < end; at++) {
    // Without their sign, patterns of bits stand in the order of the magnitudes; to compare whole numbers is faster.
    const magnitude = patterns[at]! & 0x7fffffff
    if (magnitude > largest) {
      largest = magnitude
      place = at
    }
  }
  return largest === 0 ? 0 : Math.fround(values[place]! / lowest)
}

/** Writes one block, a byte a value; beyond the values' end, zeros. */
function quantiseBlock8(
  values: Float32Array,
  begin: number,
  end: number,
  scale: number,
  quanta: Uint8Array,
  to: number,
  bytes: number,
): void {
  const inverse = scale === 0 ? 0 : 1 / scale
  let target = to
  for (let at = begin; at < end; at++) {
    // A value over its scale lies in -128..128: cutting the sum rounds it, and 256 becomes 255.
    const quantum = (values[at]! * inverse + 128.5) | 0
    quanta[target++] = quantum - (quantum >> 8)
  }
  quanta.fill(128, target, to + bytes)
}

/** Writes one block, two values a byte, the first of them in the low half; beyond the values' end, zeros. */
function quantiseBlock4(
  values: Float32Array,
  begin: number,
  end: number,
  scale: number,
  quanta: Uint8Array,
  to: number,
  bytes: number,
): void {
  const inverse = scale === 0 ? 0 : 1 / scale
  const pairsEnd = end - ((end - begin) % 2)
  let target = to
  for (let at = begin; at < pairsEnd; at += 2) {
    // In -8..8, as above.
    const low = (values[at]! * inverse + 8.5) | 0
    const high = (values[at + 1]! * inverse + 8.5) | 0
    quanta[target++] = (low - (low >> 4)) | ((high - (high >> 4)) << 4)
  }
  if (pairsEnd < end) quanta[target++] = Math.min((values[pairsEnd]! * inverse + 8.5) | 0, 15) | 0x80
  quanta.fill(0x88, target, to + bytes)
}
