import { describe, expect, it } from 'vitest'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { placesOf, placeTokens } from '../../../src/valley/token-places.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'

const words = (count: number): PromptToken[] => Array.from({ length: count }, () => ({ id: 7, visual: null }))

function clipOf(groups: number, rows: number, columns: number, placesApart: number): PromptToken[] {
  const count = groups * rows * columns
  const clip: VisualTokens = {
    key: 'a',
    patchCount: count,
    frameCount: 0,
    rows: new Float32Array(count),
    pixelValues: null,
    groups: {
      kind: 'video',
      counts: Array.from({ length: groups }, () => rows * columns),
      timesSeconds: [],
      grid: { rows, columns, placesApart },
    },
  }
  return Array.from({ length: count }, (_, row) => ({ id: 9, visual: { clip, row } }))
}

const parts = (tokens: readonly PromptToken[]) => [0, 1, 2].map((part) => tokens.map(({ place }) => place![part]))

describe('places in time, row and column', () => {
  it('are those of the example that Qwen2.5-VL was published with', () => {
    // Three groups of 2 x 2 tokens, 25 places a second, two seconds a group, then five words.
    const placed = parts(placeTokens([...clipOf(3, 2, 2, 50), ...words(5)]))
    expect(placed).toEqual([
      [0, 0, 0, 0, 50, 50, 50, 50, 100, 100, 100, 100, 101, 102, 103, 104, 105],
      [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 101, 102, 103, 104, 105],
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 101, 102, 103, 104, 105],
    ])
  })

  it('go on behind the largest part, whichever it is, from clip to clip', () => {
    const placed = parts(
      placeTokens([...words(2), ...clipOf(1, 1, 4, 0), ...words(1), ...clipOf(2, 1, 1, 1.5), ...words(1)]),
    )
    expect(placed[0]).toEqual([0, 1, 2, 2, 2, 2, 6, 7, 8, 9])
    expect(placed[2]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 7, 9])
  })

  it('are the rows of the cache where no token says another', () => {
    expect(placesOf(words(3), 5)).toEqual([
      [5, 5, 5],
      [6, 6, 6],
      [7, 7, 7],
    ])
  })

  it('go on behind the token that says its own', () => {
    const said: PromptToken = { id: 7, visual: null, place: [20, 20, 20] }
    expect(placesOf([said, ...words(2)], 3).map(([time]) => time)).toEqual([20, 21, 22])
  })
})
