// The checkpoints of public sizes that are measured: named as the families' own checkpoints are, and as large as published.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CHECKPOINT_SHAPES } from '../../bench/checkpoint-shapes.ts'
import { readStoredTensors } from '../../src/model-build/stored-tensors.ts'
import { elementsOf } from '../../src/model-build/weight-source.ts'

const FAMILIES = join(import.meta.dirname, '../fixtures/families')

it.each([
  // Of Qwen2-0.5B 494,032,768 parameters, of its 151,936 words 64 more here; of SigLIP so400m 428 million less a layer and the
  // pooling head that is not used.
  ['onevision-0.5b', 880e6, 910e6],
  ['smolvlm2-500m', 500e6, 510e6],
  // The hub counts 3,754,622,976.
  ['qwen2.5-vl-3b', 3.75e9, 3.76e9],
  // LLaMA 7B has 6,738,415,616, CLIP's large tower 303 million.
  ['valley-7b', 7.03e9, 7.06e9],
] as const)('%s has about as many parameters as its public model', (name, least, most) => {
  const sizes = [...CHECKPOINT_SHAPES[name]().tensors.values()].map(elementsOf)
  const parameters = sizes.reduce((sum, size) => sum + size, 0)
  expect(parameters).toBeGreaterThan(least)
  expect(parameters).toBeLessThan(most)
})

it.each(['onevision-0.5b', 'smolvlm2-500m', 'qwen2.5-vl-3b', 'valley-7b-2'] as const)(
  '%s names tensors as its family does',
  async (name) => {
    const { family, tensors } = CHECKPOINT_SHAPES[name]()
    const known = await readStoredTensors(join(FAMILIES, family))
    const first = (names: Iterable<string>) =>
      [...names].filter((tensor) => !/(layers|blocks)\.[1-9]|inv_freq/.test(tensor)).sort()
    expect(first(tensors.keys())).toEqual(first(known.keys()))
  },
)
