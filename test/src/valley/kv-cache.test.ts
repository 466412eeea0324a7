import { describe, expect, it } from 'vitest'
import { float32Tensor, type NamedTensors } from '../../../src/onnx/tensor.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import type { Shapes } from '../../../src/valley/shapes.ts'

const shapes: Shapes = { X: 8, P: 4, F: 5, Dv: 8, Dl: 8, V: 10, L: 2, Hkv: 2, Dh: 3 }

/** The decoder's outputs for rows from a position on; every number tells layer, part, head, row and column. */
function rows(first: number, count: number): NamedTensors {
  const outputs: Record<string, NamedTensors[string]> = {}
  for (let layer = 0; layer < shapes.L; layer++) {
    for (const [part, name] of ['key', 'value'].entries()) {
      const data = new Float32Array(shapes.Hkv * count * shapes.Dh)
      for (let head = 0; head < shapes.Hkv; head++) {
        for (let row = 0; row < count; row++) {
          for (let column = 0; column < shapes.Dh; column++) {
            data[(head * count + row) * shapes.Dh + column] = numberAt(layer, part, head, first + row, column)
          }
        }
      }
      outputs[`new.${layer}.${name}`] = float32Tensor(data, [1, shapes.Hkv, count, shapes.Dh])
    }
  }
  return outputs
}

function numberAt(layer: number, part: number, head: number, row: number, column: number): number {
  return layer * 100_000 + part * 50_000 + head * 10_000 + row * 10 + column
}

function expectRows(cache: KvCache, length: number): void {
  expect(cache.length).toBe(length)
  const past = cache.pastTensors()
  for (let layer = 0; layer < shapes.L; layer++) {
    for (const [part, name] of ['key', 'value'].entries()) {
      const tensor = past[`past.${layer}.${name}`]!
      expect(tensor.dims).toEqual([1, shapes.Hkv, cache.capacity, shapes.Dh])
      for (let head = 0; head < shapes.Hkv; head++) {
        for (let row = 0; row < length; row++) {
          const at = (head * cache.capacity + row) * shapes.Dh
          expect(tensor.data[at + 1]).toBe(numberAt(layer, part, head, row, 1))
        }
      }
    }
  }
}

describe('KvCache', () => {
  it('keeps rows where the graph looks for them', () => {
    const cache = new KvCache(shapes, 200)
    cache.append(rows(0, 5), 5)
    cache.append(rows(5, 1), 1)
    expectRows(cache, 6)
  })

  it('grows by doubling up to the context and keeps its rows', () => {
    const cache = new KvCache(shapes, 200)
    const first = cache.capacity
    cache.append(rows(0, first), first)
    cache.reserve(first + 1)
    expect(cache.capacity).toBe(first * 2)
    cache.append(rows(first, 1), 1)
    expectRows(cache, first + 1)
    cache.reserve(199)
    expect(cache.capacity).toBe(200)
    expectRows(cache, first + 1)
    expect(cache.bytes).toBe(2 * shapes.L * shapes.Hkv * 200 * shapes.Dh * 4)
  })

  it('forgets from a length on and writes there again', () => {
    const cache = new KvCache(shapes, 200)
    cache.append(rows(0, 6), 6)
    cache.truncate(3)
    cache.append(rows(3, 2), 2)
    expectRows(cache, 5)
  })

  it('refuses more rows than the context with the numbers', () => {
    const cache = new KvCache(shapes, 200)
    expect(() => cache.reserve(201)).toThrow(
      expect.objectContaining({ code: 'CONTEXT_OVERFLOW', details: { tokens: 201, context: 200 } }),
    )
  })

  it('refuses rows of another shape and then counts none of them', () => {
    const cache = new KvCache(shapes, 200)
    expect(() => cache.append(rows(0, 4), 5)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    expect(cache.length).toBe(0)
  })

  it('does not take rows without room, nor a cut behind its end', () => {
    const cache = new KvCache(shapes, 2)
    expect(() => cache.append(rows(0, 3), 3)).toThrow(/reserved/)
    expect(() => cache.truncate(1)).toThrow(/cut/)
  })
})
