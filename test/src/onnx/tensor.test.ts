import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../../src/assert.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor } from '../../../src/onnx/tensor.ts'

describe('tensors', () => {
  it('keep the data they are given without a copy', () => {
    const data = Float32Array.of(1, 2, 3, 4)
    expect(float32Tensor(data, [2, 2]).data).toBe(data)
  })

  it('hold integers as 64 bits where the graph wants them', () => {
    expect(int64Tensor([1, 2 ** 40], [2]).data).toEqual(BigInt64Array.of(1n, 1_099_511_627_776n))
  })

  it('of no dimensions hold one value', () => {
    expect(int32Tensor(Int32Array.of(7), []).dims).toEqual([])
  })

  it('refuse data that does not fill their dimensions', () => {
    expect(() => float32Tensor(new Float32Array(5), [2, 3])).toThrow(AssertionError)
  })
})

describe('assertShape', () => {
  const tensor = float32Tensor(new Float32Array(6), [2, 3])

  it('gives back the tensor when it fits, also where any size may stand', () => {
    expect(assertShape('features', tensor, [2, 3])).toBe(tensor)
    expect(assertShape('features', tensor, [null, 3])).toBe(tensor)
  })

  it.each([
    ['another size', tensor, [2, 4]],
    ['another rank', tensor, [2, 3, 1]],
    ['another type', int32Tensor(new Int32Array(6), [2, 3]), [2, 3]],
    ['absence', undefined, [2, 3]],
  ] as const)('names the tensor, what it is and what was expected on %s', (_, seen, expected) => {
    expect(() => assertShape('features', seen, expected)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH', details: expect.objectContaining({ tensor: 'features' }) }),
    )
  })
})
