import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from '../../../src/model-build/external-data.ts'
import { GraphBuilder } from '../../../src/model-build/graph-builder.ts'
import { linear } from '../../../src/model-build/layers.ts'
import { blockSizeFor, quantiseMatrix } from '../../../src/model-build/quantise.ts'
import type { StoredWeight } from '../../../src/model-build/stored-weight.ts'
import { computedWeight } from '../../../src/model-build/weight-source.ts'
import { OnnxSession } from '../../../src/onnx/session.ts'
import { float32Tensor } from '../../../src/onnx/tensor.ts'
import { relativeRootMeanSquare } from '../../helpers/reference-tensors.ts'

const CASES = [
  { bits: 8, rows: 5, inputs: 128 },
  { bits: 4, rows: 5, inputs: 256 },
  { bits: 8, rows: 3, inputs: 48 },
  { bits: 4, rows: 3, inputs: 48 },
  { bits: 4, rows: 2, inputs: 33 },
] as const

describe.each(CASES)('a [$rows, $inputs] matrix in $bits bits', ({ bits, rows, inputs }) => {
  const values = noise(rows * inputs)
  const blockSize = inputs % 128 === 0 ? 128 : 32
  const blocks = Math.ceil(inputs / blockSize)

  it('comes back from its bytes within half a step, or a step at the end of the range', async () => {
    const { quanta, scales } = quantiseMatrix(computedWeight('w', [rows, inputs], values), bits)
    expect(quanta.dimensions).toEqual([rows, blocks, (blockSize * bits) / 8])
    const bytes = await collect(quanta)
    const steps = new Float32Array((await collect(scales)).buffer)
    for (let row = 0; row < rows; row++) {
      for (let input = 0; input < blocks * blockSize; input++) {
        const block = Math.floor(input / blockSize)
        const scale = steps[row * blocks + block]!
        const quantum = quantumAt(bytes, row * blocks * blockSize + input, bits)
        const original = input < inputs ? values[row * inputs + input]! : 0
        const atEnd = quantum === 2 ** bits - 1
        const restored = (quantum - 2 ** (bits - 1)) * scale
        expect(Math.abs(restored - original)).toBeLessThanOrEqual(Math.abs(scale) * (atEnd ? 1 : 0.5) * 1.0001)
      }
    }
  })

  it('keeps the value of largest magnitude of each block exactly', async () => {
    const { quanta, scales } = quantiseMatrix(computedWeight('w', [rows, inputs], values), bits)
    const bytes = await collect(quanta)
    const steps = new Float32Array((await collect(scales)).buffer)
    const first = values.subarray(0, Math.min(blockSize, inputs))
    const extreme = first.reduce((most, value, index) => (Math.abs(value) > Math.abs(first[most]!) ? index : most), 0)
    const restored = (quantumAt(bytes, extreme, bits) - 2 ** (bits - 1)) * steps[0]!
    expect(restored).toBeCloseTo(first[extreme]!, 6)
  })

  it('gives the product of the restored weights in ONNX Runtime', async () => {
    const source = computedWeight('w', [rows, inputs], values)
    const { quanta, scales } = quantiseMatrix(source, bits)
    const bytes = await collect(quanta)
    const steps = new Float32Array((await collect(scales)).buffer)
    const input = noise(2 * inputs)
    const bias = noise(rows)
    const expected = new Float32Array(2 * rows)
    for (let sample = 0; sample < 2; sample++) {
      for (let row = 0; row < rows; row++) {
        let sum = bias[row]!
        for (let index = 0; index < inputs; index++) {
          const scale = steps[row * blocks + Math.floor(index / blockSize)]!
          const weight = (quantumAt(bytes, row * blocks * blockSize + index, bits) - 2 ** (bits - 1)) * scale
          sum += weight * input[sample * inputs + index]!
        }
        expected[sample * rows + row] = sum
      }
    }
    const graph = new GraphBuilder('one-product')
    const rowsIn = graph.input('rows', 'float32', ['R', inputs])
    const layer = { weight: source, bias: computedWeight('b', [rows], bias) }
    graph.output('product', linear(graph, rowsIn, layer, bits === 8 ? 'int8' : 'int4'), ['R', rows])
    const actual = await runGraph(graph, input, [2, inputs])
    // The operator rounds its input to 8 bits in blocks, about 0.5 %; the weights must agree exactly.
    expect(relativeRootMeanSquare(actual, expected)).toBeLessThan(0.015)
  })
})

describe('quantiseMatrix', () => {
  it('puts the even input into the low half of a byte', async () => {
    // Scale 1: -8 is the extreme, so the quanta are the values plus 8.
    const values = Float32Array.from({ length: 32 }, (_, index) => (index === 0 ? -8 : index % 7))
    const { quanta } = quantiseMatrix(computedWeight('w', [1, 32], values), 4)
    const bytes = await collect(quanta)
    expect(bytes[0]).toBe((1 + 8) * 16 + 0)
    expect(bytes[1]).toBe((3 + 8) * 16 + (2 + 8))
  })

  it('stores a block of zeros as zeros', async () => {
    const { quanta, scales } = quantiseMatrix(computedWeight('w', [1, 32], new Float32Array(32)), 8)
    expect(await collect(quanta)).toEqual(new Uint8Array(32).fill(128))
    expect(new Float32Array((await collect(scales)).buffer)[0]).toBeCloseTo(0, 10)
  })

  it('takes blocks of 128 where they fit and of 32 elsewhere', () => {
    expect([128, 4096, 96, 48, 576].map(blockSizeFor)).toEqual([128, 128, 32, 32, 32])
  })
})

function quantumAt(bytes: Uint8Array, index: number, bits: 4 | 8): number {
  if (bits === 8) return bytes[index]!
  const byte = bytes[Math.floor(index / 2)]!
  return index % 2 === 0 ? byte & 15 : byte >> 4
}

/** Repeatable numbers, about normal: sums of three uniform ones from a linear congruential generator. */
function noise(count: number): Float32Array {
  let state = 12345 + count
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  return Float32Array.from({ length: count }, () => uniform() + uniform() + uniform())
}

async function collect(weight: StoredWeight): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of weight.chunks()) pieces.push(new Uint8Array(piece))
  return new Uint8Array(Buffer.concat(pieces))
}

async function runGraph(graph: GraphBuilder, input: Float32Array, dimensions: number[]): Promise<Float32Array> {
  const directory = mkdtempSync(join(tmpdir(), 'valley-product-'))
  try {
    const layout = layOutWeights(graph.weights())
    await writeWeights(join(directory, WEIGHTS_FILE), layout, () => {})
    writeFileSync(join(directory, 'graph.onnx'), graph.encode(layout.placeOf))
    const session = await OnnxSession.open(join(directory, 'graph.onnx'), { intraOpThreads: 1 })
    const { product } = await session.run({ rows: float32Tensor(input, dimensions) })
    await session.dispose()
    if (product?.type !== 'float32') throw new Error('no product')
    return product.data
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
