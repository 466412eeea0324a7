import { expect, it } from 'vitest'
import { KvArena } from '../../../src/valley/kv-arena.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'

const shapes = { X: 1, P: 1, F: 2, Dv: 1, Dl: 1, V: 1, L: 2, Hkv: 2, Dh: 3 }

/** A cache whose rows tell whose they are and where. */
function cacheOf(owner: number, rows: number): KvCache {
  const cache = new KvCache(shapes, 2000)
  cache.reserve(rows)
  for (const [index, piece] of cache.rowPieces(rows).entries()) {
    piece.set(Array.from(piece, (_, at) => owner * 10_000 + index * 1000 + at))
  }
  cache.advance(rows)
  return cache
}

const contentOf = (cache: KvCache) => cache.rowPieces(cache.length).map((piece) => Array.from(piece))

/** What the graph would see of a slot. */
function inSlot(arena: KvArena, slot: number, rows: number): number[][] {
  return Object.values(arena.tensors('past')).flatMap(({ dims, data }) => {
    const [, heads = 0, capacity = 0, width = 0] = dims
    return Array.from({ length: heads }, (_, head) => {
      const start = (slot * heads + head) * capacity * width
      return Array.from((data as Float32Array).subarray(start, start + rows * width))
    })
  })
}

it('shows each cache in its slot, as long as it is', () => {
  const arena = new KvArena(shapes)
  const caches = [cacheOf(1, 5), cacheOf(2, 70), cacheOf(3, 1)]
  const before = caches.map(contentOf)
  arena.seat(caches, 100)
  expect(arena.tensors('past')['past.0.key']!.dims).toEqual([3, 2, 256, 3])
  for (const [slot, cache] of arena.seated.entries()) {
    expect(inSlot(arena, slot, cache.length)).toEqual(before[caches.indexOf(cache)])
    expect(contentOf(cache)).toEqual(before[caches.indexOf(cache)])
  }
})

it('keeps every cache as it was while others come, go and need more room', () => {
  const arena = new KvArena(shapes)
  const caches = [1, 2, 3, 4, 5].map((owner) => cacheOf(owner, owner * 20))
  const before = caches.map(contentOf)
  const expectAll = () => {
    for (const [slot, cache] of arena.seated.entries()) {
      expect(inSlot(arena, slot, cache.length)).toEqual(before[caches.indexOf(cache)])
    }
    expect(caches.map(contentOf)).toEqual(before)
  }
  for (const [seats, rows] of [
    [[0, 1], 50],
    [[0, 1, 2], 100],
    [[2, 1], 100],
    [[1, 2, 3, 4, 0], 400],
    [[4, 0], 400],
  ] as const) {
    arena.seat(
      seats.map((index) => caches[index]!),
      rows,
    )
    expect([...arena.seated].map((cache) => caches.indexOf(cache)).toSorted()).toEqual([...seats].toSorted())
    expectAll()
  }
  for (const cache of caches) arena.leave(cache)
  expect(arena.seated).toEqual([])
  expectAll()
  caches[0]!.reserve(1000) // in memory of its own it grows again
  expect(contentOf(caches[0]!)).toEqual(before[0])
})

it('lets no cache outgrow its slot', () => {
  const arena = new KvArena(shapes)
  const cache = cacheOf(1, 5)
  arena.seat([cache, cacheOf(2, 5)], 100)
  expect(() => cache.reserve(257)).toThrow(/lent memory/)
})
