import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type KeptClip, ParkedClips } from '../../../src/engine/parked-clips.ts'
import { VisualTokenCache } from '../../../src/engine/visual-token-cache.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** A clip whose rows take a number of bytes. */
function clip(key: string, bytes: number): KeptClip {
  const rows = new Float32Array(bytes / 4)
  return { visualTokens: { key, patchCount: 1, frameCount: 1, rows, pixelValues: null }, frameTimesSeconds: [0] }
}

it('keeps clips until their bytes run out, then lets the least recently used go', async () => {
  const cache = new VisualTokenCache(100)
  cache.keep(clip('a', 40))
  cache.keep(clip('b', 40))
  await cache.get('a')
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

it('replaces a clip of the same key and counts its bytes once', async () => {
  const cache = new VisualTokenCache(100)
  cache.keep(clip('a', 40))
  const again = clip('a', 60)
  cache.keep(again)
  expect(await cache.get('a')).toBe(again)
  expect(cache.bytes).toBe(60)
})

it('counts pixel values kept for a probe', () => {
  const cache = new VisualTokenCache(100)
  const { visualTokens, frameTimesSeconds } = clip('a', 40)
  cache.keep({ visualTokens: { ...visualTokens, pixelValues: new Float32Array(5) }, frameTimesSeconds })
  expect(cache.bytes).toBe(60)
})

it('knows nothing of a clip that was never kept', async () => {
  const cache = new VisualTokenCache(100)
  expect(cache.has('a')).toBe(false)
  expect(await cache.get('a')).toBeUndefined()
})

/** A clip whose rows say whose they are. */
function marked(key: string, mark: number): KeptClip {
  const kept = clip(key, 40)
  kept.visualTokens.rows.fill(mark)
  return kept
}

it('sends to the disk what memory has no room for, and brings it back as it was', async () => {
  const folder = temporaryFolder()
  const parked = new ParkedClips({ folder, maxBytes: 1000 })
  const cache = new VisualTokenCache(80, parked)
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) cache.keep(marked(key, index))
  expect(['a', 'b', 'c', 'd'].map((key) => cache.has(key))).toEqual([true, true, true, true])
  expect(cache.bytes).toBe(80)
  const [back, again] = await Promise.all([cache.get('a'), cache.get('a')])
  expect(again).toBe(back)
  expect(back).toEqual(marked('a', 0))
  expect(back!.visualTokens.rows.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(await cache.get('d')).toEqual(marked('d', 3))
  expect(cache.bytes).toBe(80)
  expect(readdirSync(folder)).toEqual([])
  await cache.close()
  expect(parked.bytes).toBe(0)
})

it('lets clips go for good that are dropped, or that the disk has no room for', async () => {
  const parked = new ParkedClips({ folder: temporaryFolder(), maxBytes: 40 })
  const cache = new VisualTokenCache(40, parked)
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.keep(marked(key, index))
  expect(await cache.get('a')).toBeUndefined() // b has taken its room
  expect(cache.has('a')).toBe(false)
  cache.drop('b')
  expect(await cache.get('b')).toBeUndefined()
  expect(await cache.get('c')).toEqual(marked('c', 2))
  await cache.close()
})

it('sends all clips to the disk when told to, and keeps them where there is none', async () => {
  const cache = new VisualTokenCache(80, new ParkedClips({ folder: temporaryFolder(), maxBytes: 1000 }))
  for (const [index, key] of ['a', 'b'].entries()) cache.keep(marked(key, index))
  cache.shed()
  expect(cache.bytes).toBe(0)
  expect(await cache.get('a')).toEqual(marked('a', 0))
  expect(cache.bytes).toBe(40)
  await cache.close()
  const alone = new VisualTokenCache(80)
  alone.keep(marked('a', 0))
  alone.shed()
  expect(await alone.get('a')).toEqual(marked('a', 0))
})

it('lets clips go where the folder cannot be written to', async () => {
  const cache = new VisualTokenCache(40, new ParkedClips({ folder: '/dev/null/no', maxBytes: 1000 }))
  for (const [index, key] of ['a', 'b'].entries()) cache.keep(marked(key, index))
  expect(await cache.get('a')).toBeUndefined()
  expect(await cache.get('b')).toEqual(marked('b', 1))
})
