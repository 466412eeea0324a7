import { expect, it } from 'vitest'
import { quantiseColumns } from '../../../src/model-build/quantise-columns.ts'
import type { StoredWeight } from '../../../src/model-build/stored-weight.ts'
import { computedWeight } from '../../../src/model-build/weight-source.ts'

async function bytesOf(weight: StoredWeight): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  for await (const piece of weight.chunks()) pieces.push(piece.slice())
  return new Uint8Array(Buffer.concat(pieces))
}

it('stores each output with a scale of its own, inputs first, to half a step', async () => {
  // Two outputs of three inputs; the second is a hundred times the first, the third is all zeros.
  const values = Float32Array.of(0.5, -1.27, 0.013, 50, 127, -1, 0, 0, 0)
  const { quanta, scales } = quantiseColumns(computedWeight('w', [3, 3], values))
  expect(quanta.dimensions).toEqual([3, 3])
  const steps = new Float32Array((await bytesOf(scales)).buffer)
  expect([...steps]).toEqual([Math.fround(1.27 / 127), 1, 0])
  const stored = new Int8Array((await bytesOf(quanta)).buffer)
  expect([...stored]).toEqual([50, 50, 0, -127, 127, 0, 1, -1, 0])
  for (const [index, value] of values.entries()) {
    const [output, input] = [Math.floor(index / 3), index % 3]
    expect(Math.abs(stored[input * 3 + output]! * steps[output]! - value)).toBeLessThanOrEqual(
      steps[output]! / 2 + 1e-7,
    )
  }
})
