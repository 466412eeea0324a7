import { expect, it } from 'vitest'
import { type KeptClip, VisualTokenCache } from '../../../src/engine/visual-token-cache.ts'

/** A clip whose rows take a number of bytes. */
function clip(key: string, bytes: number): KeptClip {
  const rows = new Float32Array(bytes / 4)
  return { visualTokens: { key, patchCount: 1, frameCount: 1, rows, pixelValues: null }, frameTimesSeconds: [0] }
}

it('keeps clips until their bytes run out, then lets the least recently used go', () => {
  const cache = new VisualTokenCache(100)
  cache.keep(clip('a', 40))
  cache.keep(clip('b', 40))
  cache.get('a')
  cache.keep(clip('c', 40))
  expect(['a', 'b', 'c'].map((key) => cache.has(key))).toEqual([true, false, true])
  expect(cache.bytes).toBe(80)
})

it('keeps the latest clip even when it alone is too large', () => {
  const cache = new VisualTokenCache(100)
  cache.keep(clip('a', 40))
  cache.keep(clip('large', 400))
  expect([cache.has('a'), cache.has('large')]).toEqual([false, true])
})

it('replaces a clip of the same key and counts its bytes once', () => {
  const cache = new VisualTokenCache(100)
  cache.keep(clip('a', 40))
  const again = clip('a', 60)
  cache.keep(again)
  expect(cache.get('a')).toBe(again)
  expect(cache.bytes).toBe(60)
})

it('counts pixel values kept for a probe', () => {
  const cache = new VisualTokenCache(100)
  const { visualTokens, frameTimesSeconds } = clip('a', 40)
  cache.keep({ visualTokens: { ...visualTokens, pixelValues: new Float32Array(5) }, frameTimesSeconds })
  expect(cache.bytes).toBe(60)
})

it('knows nothing of a clip that was never kept', () => {
  const cache = new VisualTokenCache(100)
  expect(cache.has('a')).toBe(false)
  expect(cache.get('a')).toBeUndefined()
})
