import { expect, it } from 'vitest'
import type { PromptToken } from '../../../src/valley/placeholders.ts'
import { spliceVisualTokens } from '../../../src/valley/splice.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'

const clip: VisualTokens = {
  key: 'a',
  patchCount: 2,
  frameCount: 1,
  rows: Float32Array.of(10, 11, 20, 21, 30, 31),
  pixelValues: null,
}
const word: PromptToken = { id: 1, visual: null }

it('overwrites the rows of placeholders and no others', () => {
  const embeddings = Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4)
  const tokens = [word, { id: 5, visual: { clip, row: 0 } }, word, { id: 6, visual: { clip, row: 2 } }]
  spliceVisualTokens(embeddings, tokens, { Dl: 2 })
  expect([...embeddings]).toEqual([1, 1, 10, 11, 3, 3, 30, 31])
})

it('refuses visual tokens of another width', () => {
  const splice = () => spliceVisualTokens(new Float32Array(4), [{ id: 5, visual: { clip, row: 0 } }], { Dl: 4 })
  expect(splice).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
})
