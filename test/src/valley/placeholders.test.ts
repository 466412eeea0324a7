import { describe, expect, it } from 'vitest'
import { type LayoutTokens, placeVisualTokens, visualBlockText } from '../../../src/valley/placeholders.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'

const tokens: LayoutTokens = {
  patchStart: { id: 11, text: '<im_start>' },
  patch: { id: 12, text: '<im_patch>' },
  patchEnd: { id: 13, text: '<im_end>' },
  frameStart: { id: 14, text: '<vi_start>' },
  frame: { id: 15, text: '<vi_frame>' },
  frameEnd: { id: 16, text: '<vi_end>' },
}

function clip(key: string, patchCount: number, frameCount: number): VisualTokens {
  return { key, patchCount, frameCount, rows: new Float32Array(patchCount + frameCount), pixelValues: null }
}

describe('visualBlockText', () => {
  it('lays out a clip as the published model does: patches, then frames, each in its markers', () => {
    expect(visualBlockText(clip('a', 2, 3), tokens)).toBe(
      '<im_start><im_patch><im_patch><im_end><vi_start><vi_frame><vi_frame><vi_frame><vi_end>',
    )
  })
})

describe('placeVisualTokens', () => {
  const a = clip('a', 2, 1)
  const b = clip('b', 2, 2)
  const blockA = [11, 12, 12, 13, 14, 15, 16]
  const blockB = [11, 12, 12, 13, 14, 15, 15, 16]

  it('gives patch placeholders the patch rows and frame placeholders the frame rows, in order', () => {
    const placed = placeVisualTokens([1, ...blockA, 2, ...blockB], [a, b], tokens)
    expect(placed.map(({ id }) => id)).toEqual([1, ...blockA, 2, ...blockB])
    const visuals = placed.flatMap(({ visual }) => (visual === null ? [] : [`${visual.clip.key}${visual.row}`]))
    expect(visuals).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'b3'])
  })

  it('leaves the markers their own embeddings', () => {
    const placed = placeVisualTokens(blockA, [a], tokens)
    expect(placed.flatMap(({ id, visual }) => (visual === null ? [id] : []))).toEqual([11, 13, 14, 16])
  })

  it.each([
    ['a block without a clip', blockA, []],
    ['a clip without a block', [1, 2], [a]],
    ['more frames than the clip has', blockB, [a]],
    ['fewer frames than the clip has', blockA, [b]],
    ['a block that is cut at the end', blockA.slice(0, 5), [a]],
    ['a block without its first marker', blockA.slice(1), [a]],
    ['blocks in another order than their clips', [...blockB, ...blockA], [a, b]],
    ['a lone placeholder', [1, 12, 2], [a]],
    ['a placeholder after the block', [...blockA, 15], [a]],
  ])('refuses %s', (_, ids, clips) => {
    const place = () => placeVisualTokens(ids, clips, tokens)
    expect(place).toThrow(expect.objectContaining({ code: 'PLACEHOLDER_MISMATCH' }))
  })
})
