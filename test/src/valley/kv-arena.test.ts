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

/** Rows of the whole memory that any cache ever wrote to: memory that the system had to give. */
function touchedRows(arena: KvArena): number {
  const { data } = arena.tensors('past')['past.0.key']!
  const whole = new Float32Array(data.buffer)
  return whole.filter((value, at) => at % shapes.Dh === 0 && value !== 0).length / shapes.Hkv
}

it('gives back the memory of a long conversation once it has left, though others stay', () => {
  const arena = new KvArena(shapes)
  const [long, a, b] = [cacheOf(1, 1500), cacheOf(2, 5), cacheOf(3, 70)]
  const before = [a, b].map(contentOf)
  arena.seat([a, long, b], 1600)
  expect(arena.tensors('past')['past.0.key']!.dims).toEqual([3, 2, 1792, 3])
  arena.leave(long)
  arena.seat([a, b], 100)
  expect(arena.tensors('past')['past.0.key']!.dims).toEqual([2, 2, 256, 3])
  expect([0, 1].map((slot) => inSlot(arena, slot, arena.seated[slot]!.length))).toEqual(before)
  expect(touchedRows(arena)).toBe(5 + 70)
})

it('holds at most twice the rows of those who lie there, however many come and go past a long one', () => {
  const arena = new KvArena(shapes)
  let seated = Array.from({ length: 8 }, (_, index) => cacheOf(index + 1, index === 7 ? 1000 : 20))
  for (let turn = 0; turn < 40; turn++) {
    arena.seat(seated, 1000)
    const rows = seated.reduce((sum, { length }) => sum + length, 0)
    expect(touchedRows(arena)).toBeLessThanOrEqual(2 * rows)
    const leaving = seated[turn % 8]!
    seated = [...seated.filter((cache) => cache !== leaving), cacheOf(turn + 9, turn % 5 === 0 ? 1000 : 20)]
  }
})

it('goes on as it was where there is no memory for more', () => {
  const arena = new KvArena(shapes)
  const caches = [cacheOf(1, 5), cacheOf(2, 70), cacheOf(3, 1)]
  const before = caches.map(contentOf)
  const moreThanAnyHas = 2 ** 50
  expect(() => arena.seat(caches, moreThanAnyHas)).toThrow(RangeError)
  arena.seat(caches.slice(0, 2), 100)
  expect(() => arena.seat(caches, moreThanAnyHas)).toThrow(RangeError)
  arena.seat(caches, 100)
  expect(arena.tensors('past')['past.0.key']!.dims).toEqual([3, 2, 256, 3])
  for (const [slot, cache] of arena.seated.entries()) {
    expect(inSlot(arena, slot, cache.length)).toEqual(before[caches.indexOf(cache)])
  }
})
